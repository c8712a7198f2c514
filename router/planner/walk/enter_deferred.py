"""The places where an object is entered anew for fields that are delivered later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.operation import Field
from router.planner.walk.place import Enter, Leap, Place
from router.planner.walk.position import Guards, Position

if TYPE_CHECKING:
    from router.planner.walk.walker import Walker


def enter_deferred(
    walker: Walker, position: Position, groups: frozenset[int], guards: Guards
) -> Position | None:
    """Returns the position of the object for `groups`, or None when no key leads to it.

    Every subgraph is a candidate, the one the object already stands in included: its fetch for the groups
    must not hold up the one before. A root needs no key and is entered beside the others.
    """
    if groups not in position.entered:
        if all(place.parent is None for place in position.places):
            found = [_enter_root(place, groups) for place in position.places]
        else:
            found = _enter_by_key(walker, position, groups, guards)
        position.entered[groups] = Position(found) if found else None
    return position.entered[groups]


def _enter_root(place: Place, groups: frozenset[int]) -> Place:
    root = Place(None, Enter(), place.node, 0, 0)
    root.deferred = groups
    return root


def _enter_by_key(walker: Walker, position: Position, groups: frozenset[int], guards: Guards) -> list[Place]:
    found: list[Place] = []
    for place in position.places:
        node = place.node
        assert node is not None, "an object stands in a node"
        for graph in sorted(walker.graph.supergraph.subgraphs):
            for jump in walker.graph.entries(node, graph):
                walker.count_step()
                supply = walker.supply(node, jump.key, guards)
                if supply is not None:
                    found.append(place.defer(groups).leap(jump, supply, jump.key))
    return found


def is_of_key(entered: Position, field: Field) -> bool:
    """Whether the field is fetched anyway, since its object is entered by it."""
    if field.selections is not None or field.arguments:
        return False
    jumps = [place.edge.jump for place in entered.places if isinstance(place.edge, Leap)]
    return bool(jumps) and all(any(field.name == one.name for one in jump.key) for jump in jumps)
