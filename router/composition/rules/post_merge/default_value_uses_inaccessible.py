"""DEFAULT_VALUE_USES_INACCESSIBLE: A visible default value uses nothing hidden.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import ConstValueNode, EnumValueNode, ListValueNode, ObjectValueNode, parse_const_value

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedElement, MergedSchema
from router.composition.rules.hidden import visible_fields, visible_types, where
from router.composition.subgraph.type_ref import named_type


def default_value_uses_inaccessible(schema: MergedSchema) -> Iterator[Diagnostic]:
    """A visible default value uses nothing hidden."""
    inputs = [argument for _, field in visible_fields(schema) for argument in field.arguments.values()]
    inputs += [field for merged in visible_types(schema) for field in merged.input_fields.values()]
    for element in inputs:
        if element.default is None or schema.hides(element):
            continue
        for used in _hidden_uses(schema, element.type, parse_const_value(element.default)):
            message = (
                f'The default value of "{element.coordinate}" uses "{used.coordinate}", which '
                f"{schema.why_hidden(used)}."
            )
            yield error("DEFAULT_VALUE_USES_INACCESSIBLE", message, where(schema, element, used))


def _hidden_uses(schema: MergedSchema, reference: str, value: ConstValueNode) -> Iterator[MergedElement]:
    merged = schema.types.get(named_type(reference))
    if merged is None:
        return
    if isinstance(value, ListValueNode):
        for item in value.values:
            yield from _hidden_uses(schema, reference, item)
    elif isinstance(value, EnumValueNode):
        used = merged.values.get(value.value)
        if used is not None and schema.hides(used):
            yield used
    elif isinstance(value, ObjectValueNode):
        for entry in value.fields:
            field = merged.input_fields.get(entry.name.value)
            if field is not None:
                if schema.hides(field):
                    yield field
                yield from _hidden_uses(schema, field.type, entry.value)
