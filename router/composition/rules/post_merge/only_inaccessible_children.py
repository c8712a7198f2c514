"""ONLY_INACCESSIBLE_CHILDREN: A visible type has a visible member.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedElement, MergedSchema
from router.composition.rules.hidden import visible_types, where


def only_inaccessible_children(schema: MergedSchema) -> Iterator[Diagnostic]:
    """A visible type has a visible member."""
    for merged in visible_types(schema):
        children: list[MergedElement] = [
            *merged.fields.values(),
            *merged.input_fields.values(),
            *merged.values.values(),
            *(schema.types[name] for name in merged.members if name in schema.types),
        ]
        if children and all(schema.hides(child) for child in children):
            message = f'"{merged.name}" is visible, but everything in it is @inaccessible.'
            yield error("ONLY_INACCESSIBLE_CHILDREN", message, where(schema, merged))
