"""REFERENCED_INACCESSIBLE: No visible field or argument has a hidden type.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedField, MergedInput, MergedSchema
from router.composition.rules.hidden import visible_fields, visible_types, where
from router.composition.subgraph.type_ref import named_type


def referenced_inaccessible(schema: MergedSchema) -> Iterator[Diagnostic]:
    """No visible field or argument has a hidden type."""
    hidden = {merged.name for merged in schema.types.values() if schema.hides(merged)}
    elements: list[MergedField | MergedInput] = []
    for _, field in visible_fields(schema):
        elements.append(field)
        elements += [argument for argument in field.arguments.values() if not schema.hides(argument)]
    for merged in visible_types(schema):
        elements += [field for field in merged.input_fields.values() if not schema.hides(field)]
    for element in elements:
        if named_type(element.type) in hidden:
            name = named_type(element.type)
            why = schema.why_hidden(schema.types[name])
            message = f'"{element.coordinate}" is visible, but its type "{name}" {why}.'
            yield error("REFERENCED_INACCESSIBLE", message, where(schema, element, schema.types[name]))
