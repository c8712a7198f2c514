"""The places where an object is entered anew for fields that are delivered later.

Problem: the fetch for what is deferred must be apart from the one it would slow down, even in one subgraph.

Steps: an operation's root is simply entered a second time. Any other object is entered by a key, from the
places where it stands, into every subgraph that has one, its own included. A value, which has no key, is
found again below the nearest entity it belongs to, unless a list lies between, where only a position would
tell one value from another. What is left can't be entered anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.operation import Field
from router.operation.model import TYPENAME
from router.planner.walk.place import Leap, Narrow, Place, Read
from router.planner.walk.position import Guards, Position

if TYPE_CHECKING:
    from router.planner.walk.walker import Walker

Groups = frozenset[int]


@dataclass(frozen=True, slots=True)
class Entered:
    """An object for deferred groups: where it stands, and where it is entered anew if it can be."""

    standing: Position
    anew: Position | None


def enter_deferred(walker: Walker, position: Position, field: Field, guards: Guards) -> Entered | None:
    """Returns the position's object for the groups of `field`, None when it can't be of the field's types."""
    # Which type an object has is asked of the object whatever its type.
    types = None if field.name == TYPENAME else field.types
    key = (field.deferred, types)
    if key not in position.entered:
        position.entered[key] = _enter(walker, position, field, guards)
    return position.entered[key]


def _enter(walker: Walker, position: Position, field: Field, guards: Guards) -> Entered | None:
    groups = field.deferred
    if all(place.parent is None for place in position.places):
        return Entered(position, Position(_enter_root(place, groups) for place in position.places))
    standing = Position(place.defer(groups) for place in position.places)
    if field.types is not None and field.name != TYPENAME:
        narrowed = walker.narrow(standing, field.types, field, guards)
        if narrowed is None:
            return None
        standing = narrowed
        if not any(_is_typed(place) for place in position.places):
            return Entered(standing, standing)  # its type had to be asked elsewhere, by entering it
    found = _enter_by_key(walker, standing.places, groups, guards)
    found = found or _enter_above(walker, standing.places, groups, guards)
    return Entered(standing, Position(found) if found else None)


def _enter_root(place: Place, groups: Groups) -> Place:
    root = Place.at_root(place.standing)
    root.deferred = groups
    root.request = ("root", place.standing.graph, groups)
    return root


def _enter_by_key(walker: Walker, places: Iterable[Place], groups: Groups, guards: Guards) -> list[Place]:
    found: list[Place] = []
    for place in places:
        node = place.standing
        for graph in sorted(walker.graph.supergraph.subgraphs):
            for jump in walker.graph.entries(node, graph):
                walker.count_step()
                supply = None if jump.is_root else walker.supply(node, jump.key, guards)
                if supply is not None:
                    found.append(place.defer(groups).leap(jump, supply, jump.key))
    return found


def _enter_above(walker: Walker, places: Iterable[Place], groups: Groups, guards: Guards) -> list[Place]:
    """Returns the places of a value below its entity, entered by key."""
    found: list[Place] = []
    for place in places:
        moves: list[Place] = []
        current: Place | None = place
        while current is not None and current.parent is not None and not isinstance(current.edge, Leap):
            if _is_of_list(walker, current):
                break
            moves.append(current)
            current = current.parent
            if isinstance(moves[-1].edge, Read) and (
                entered := _enter_by_key(walker, [current], groups, guards)
            ):
                found += (one for start in entered if (one := _follow(walker, start, moves)) is not None)
                break
    return found


def _is_typed(place: Place) -> bool:
    return place.node is not None and place.node.is_typed


def _is_of_list(walker: Walker, place: Place) -> bool:
    if not isinstance(place.edge, Read):
        return False
    assert place.parent is not None, "a field is read from an object"
    name, types = place.edge.field.name, walker.graph.supergraph.types
    owners = {place.parent.standing.type_name, *place.parent.standing.runtime}
    return any(name in types[one].fields and types[one].fields[name].is_list for one in owners)


def _follow(walker: Walker, start: Place, moves: list[Place]) -> Place | None:
    """Returns where the moves, the last one first, lead from another place of the same object."""
    place = start
    for move in reversed(moves):
        if isinstance(move.edge, Read):
            reading = walker.graph.reading(place.standing, move.edge.field.name)
            if reading is None or reading.target is None:
                return None
            place = place.read(move.edge.field, reading.target)
        elif isinstance(move.edge, Narrow):
            node = walker.graph.narrow(place.standing, move.edge.types)
            if node is None:
                return None
            place = place if node is place.node else place.narrow(node)
    return place


def is_of_key(entered: Position, field: Field) -> bool:
    """Whether the field is fetched anyway, since its object is entered by it."""
    if field.selections is not None or field.arguments:
        return False
    edges = [place.edge for place in entered.places]
    return all(
        isinstance(edge, Leap) and any(field.name == one.name for one in edge.jump.key) for edge in edges
    )
