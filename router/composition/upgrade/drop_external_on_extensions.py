"""Drops @external from the key fields of type extensions: in Federation 1 those are resolved by the
extension.
"""

from __future__ import annotations

from collections.abc import Sequence

from router.composition.subgraph.model import FieldSetUse, Subgraph, TypeDefinition


def drop_external_on_extensions(subgraph: Subgraph, subgraphs: Sequence[Subgraph]) -> None:
    """Drop it from the extension's own key fields, or, without a key, from those of the owner's first key.

    Before: `extend type Product @key(fields: "upc") { upc: ID @external  price: Int }`
    After:  `extend type Product @key(fields: "upc") { upc: ID  price: Int }`
    """
    for definition in subgraph.types.values():
        if not definition.extends_another:
            continue
        keys = _keys(subgraph, definition)
        if keys:
            for use in keys:
                for selected in use.fields:
                    selected.field.drop("external")
        else:
            for name in _first_key_of_owner(definition.name, subgraph, subgraphs):
                if name in definition.fields:
                    definition.fields[name].drop("external")


def _keys(subgraph: Subgraph, definition: TypeDefinition) -> list[FieldSetUse]:
    return [use for use in subgraph.field_sets if use.directive == "key" and use.owner is definition]


def _first_key_of_owner(name: str, subgraph: Subgraph, subgraphs: Sequence[Subgraph]) -> list[str]:
    for other in subgraphs:
        definition = other.types.get(name)
        if other is subgraph or definition is None or definition.extends_another:
            continue
        keys = _keys(other, definition)
        if keys:
            return [selected.field.name for selected in keys[0].fields if selected.above is None]
    return []
