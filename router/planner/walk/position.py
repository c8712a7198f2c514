"""A position: one object of the response, with every place it can stand in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from router.operation.model import Types
from router.planner.walk.place import Place

if TYPE_CHECKING:
    from router.planner.walk.enter_deferred import Entered

Guards = frozenset[tuple[object, ...]]


class Position:
    """The places of one object, all of them delivered by the same `deferred` groups.

    `reached` caches what jumps reach from the places, by the guards in force; `entered` the position in
    which deferred groups find the object, by them and the types they ask it on.
    """

    __slots__ = ("deferred", "entered", "places", "reached")

    def __init__(self, places: Iterable[Place]) -> None:
        cheapest: dict[int, Place] = {}
        for place in places:
            known = cheapest.get(place.standing.id)
            if known is None or place.cost < known.cost:
                cheapest[place.standing.id] = place
        self.places = tuple(sorted(cheapest.values(), key=lambda place: (place.cost, place.id)))
        self.deferred = self.places[0].deferred if self.places else frozenset()
        self.reached: dict[Guards, tuple[Place, ...]] = {}
        self.entered: dict[tuple[frozenset[int], Types], Entered | None] = {}
