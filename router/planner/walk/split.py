"""Splits the types of an abstract object into classes that can be read and moved alike."""

from __future__ import annotations

from router.graph import Graph
from router.planner.walk.position import Position


def split_types(graph: Graph, position: Position, field: str) -> list[frozenset[str]]:
    """Returns the classes, in the order of their first type's name.

    Two types are in one class when every subgraph joins their field alike, they have the same keys
    everywhere, and the same places of the position can hold them: so an interface of seventy
    implementations gives a handful of classes, not seventy.
    """
    classes: dict[object, set[str]] = {}
    typed = [place for place in position.places if place.node is not None and place.node.is_typed]
    for name in sorted(position.runtime):
        held_by = tuple(p.id for p in typed if p.node is not None and name in p.node.runtime)
        classes.setdefault((held_by, graph.signature(name, field)), set()).add(name)
    return [frozenset(types) for types in classes.values()]
