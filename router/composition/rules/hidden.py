"""What clients cannot see, and where it was hidden; shared by the rules of @inaccessible."""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import SourceLocation
from router.composition.merge.model import MergedElement, MergedField, MergedSchema, MergedType
from router.composition.rules.elements import elements_of


def visible_types(schema: MergedSchema) -> Iterator[MergedType]:
    """The types clients see."""
    return (merged for merged in schema.types.values() if not schema.hides(merged))


def visible_fields(schema: MergedSchema) -> Iterator[tuple[MergedType, MergedField]]:
    """The fields clients see, with their types."""
    for merged in visible_types(schema):
        for field in merged.fields.values():
            if not schema.hides(field):
                yield merged, field


def where(schema: MergedSchema, *elements: MergedElement) -> list[SourceLocation]:
    """Where the subgraphs define these elements."""
    wanted = {element.coordinate for element in elements}
    found: list[SourceLocation] = []
    for subgraph in schema.view.subgraphs:
        found += [subgraph.at(e) for e in elements_of(subgraph) if e.coordinate in wanted]
    return found
