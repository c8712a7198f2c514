"""Walks everything of a subgraph that can carry a directive."""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.subgraph.model import Element, Subgraph


def elements_of(subgraph: Subgraph) -> Iterator[Element]:
    """Types, fields, arguments, input fields and enum values, in document order."""
    for definition in subgraph.types.values():
        yield definition
        for field in definition.fields.values():
            yield field
            yield from field.arguments.values()
        yield from definition.input_fields.values()
        yield from definition.values.values()
