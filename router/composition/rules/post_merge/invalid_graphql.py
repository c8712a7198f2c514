"""INVALID_GRAPHQL: After merging, every implementation still fits its interface: field types are as narrow,
arguments the same.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedField, MergedSchema
from router.composition.merge.references import is_subtype
from router.composition.rules.hidden import where


def invalid_graphql(schema: MergedSchema) -> Iterator[Diagnostic]:
    """After merging, every implementation still fits its interface."""
    for merged in schema.types.values():
        for name in merged.implements:
            interface = schema.types.get(name)
            for declared in interface.fields.values() if interface else ():
                field = merged.fields.get(declared.name)
                fault = _fault(schema, declared, field) if field else None
                if field is not None and fault is not None:
                    message = (
                        f'"{field.coordinate}" does not fit "{declared.coordinate}" after merging: {fault}.'
                    )
                    yield error("INVALID_GRAPHQL", message, where(schema, field, declared))


def _fault(schema: MergedSchema, declared: MergedField, field: MergedField) -> str | None:
    if not is_subtype(schema.view, field.type, declared.type):
        return f'its type "{field.type}" is not covered by "{declared.type}"'
    for argument in declared.arguments.values():
        own = field.arguments.get(argument.name)
        if own is None:
            return f'it lacks the argument "{argument.name}"'
        if own.type != argument.type:
            return f'its argument "{argument.name}" has the type "{own.type}" instead of "{argument.type}"'
    for own in field.arguments.values():
        if own.name not in declared.arguments and own.is_mandatory:
            return f'its argument "{own.name}" is mandatory and not the interface\'s'
    return None
