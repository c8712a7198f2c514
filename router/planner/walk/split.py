"""Splits the types of an abstract object into classes that can be read and moved alike."""

from __future__ import annotations

from router.graph import Graph, Node


def split_types(graph: Graph, node: Node, field: str) -> list[frozenset[str]]:
    """Returns the classes, in the order of their first type's name.

    Two types are in one class when every subgraph joins their field alike and they have the same keys
    everywhere: so an interface of seventy implementations gives a handful of classes, not seventy.
    """
    classes: dict[object, set[str]] = {}
    for name in sorted(node.runtime):
        classes.setdefault(graph.signature(name, field), set()).add(name)
    return [frozenset(types) for types in classes.values()]
