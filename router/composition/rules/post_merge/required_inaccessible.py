"""REQUIRED_INACCESSIBLE: A hidden argument or input field of something visible is optional.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedSchema
from router.composition.rules.hidden import visible_fields, visible_types, where


def required_inaccessible(schema: MergedSchema) -> Iterator[Diagnostic]:
    """A hidden argument or input field of something visible is optional."""
    inputs = [argument for _, field in visible_fields(schema) for argument in field.arguments.values()]
    inputs += [field for merged in visible_types(schema) for field in merged.input_fields.values()]
    for element in inputs:
        if schema.hides(element) and element.is_mandatory:
            why = schema.why_hidden(element).removeprefix("is ")
            message = f'"{element.coordinate}" is mandatory, but {why}.'
            yield error("REQUIRED_INACCESSIBLE", message, where(schema, element))
