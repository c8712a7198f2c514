"""Reads the tags that merged elements carry."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import StringValueNode, parse_const_value

from router.composition.merge.model import MergedElement, MergedSchema


def tags_of(schema: MergedSchema, element: MergedElement) -> frozenset[str]:
    """The tags any subgraph gives the element itself."""
    tag = schema.directive_names["tag"]
    found = set()
    for applied in element.directives:
        if applied.name == tag:
            value = parse_const_value(dict(applied.arguments)["name"])
            assert isinstance(value, StringValueNode), "a subgraph whose tag has another name is refused"
            found.add(value.value)
    return frozenset(found)


def tags_in_use(schema: MergedSchema) -> frozenset[str]:
    """Every tag of the schema."""
    return frozenset(tag for element in _elements(schema) for tag in tags_of(schema, element))


def _elements(schema: MergedSchema) -> Iterator[MergedElement]:
    for merged in schema.types.values():
        yield merged
        yield from merged.values.values()
        yield from merged.input_fields.values()
        for field in merged.fields.values():
            yield field
            yield from field.arguments.values()
