"""IMPLEMENTED_BY_INACCESSIBLE: A visible interface field (or argument) is implemented by visible ones.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedElement, MergedField, MergedSchema
from router.composition.rules.hidden import visible_types, where


def implemented_by_inaccessible(schema: MergedSchema) -> Iterator[Diagnostic]:
    """A visible interface field (or argument) is implemented by visible ones."""
    for merged in visible_types(schema):
        for name in merged.implements:
            interface = schema.types.get(name)
            if interface is None or schema.hides(interface):
                continue
            for declared in interface.fields.values():
                field = merged.fields.get(declared.name)
                if field is None or schema.hides(declared):
                    continue
                for hidden, visible in _hidden_parts(schema, field, declared):
                    why = schema.why_hidden(hidden)
                    message = f'"{hidden.coordinate}" {why}, but implements "{visible.coordinate}".'
                    yield error("IMPLEMENTED_BY_INACCESSIBLE", message, where(schema, hidden, visible))


def _hidden_parts(
    schema: MergedSchema, field: MergedField, declared: MergedField
) -> Iterator[tuple[MergedElement, MergedElement]]:
    if schema.hides(field):
        yield field, declared
        return
    for argument in declared.arguments.values():
        own = field.arguments.get(argument.name)
        if own is not None and schema.hides(own) and not schema.hides(argument):
            yield own, argument
