"""Chooses one place for every leaf so that together they cost least.

Problem: each leaf has candidate places, and leaves share the moves their places have in common, so that the
cheapest place of each is not the cheapest whole (it is a Steiner tree, hard in general).

Steps: leaves with one candidate are taken; the others follow, fewest candidates first, each where it adds
least. Then two kinds of improvement until neither helps: a leaf moves to a place that has become cheaper, and
a crossing is closed by moving every leaf that used it elsewhere.

Bound: rounds and closed crossings are limited; the first answer is already sound, only dearer.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from router.planner.walk.place import CROSSING_COST, Choice, Place

ROUNDS_MAX = 4
CLOSINGS_MAX = 64


def choose_places(choices: Sequence[Choice]) -> tuple[tuple[Place, ...], int]:
    """Returns the chosen place of each choice, in order, and the cost of all of them together."""
    forest = _Forest()
    chosen: list[Place | None] = [None] * len(choices)
    for index in sorted(range(len(choices)), key=lambda i: (len(choices[i].candidates), i)):
        chosen[index] = forest.take_cheapest(choices[index].candidates)
    free = [index for index, choice in enumerate(choices) if len(choice.candidates) > 1]
    places = [place for place in chosen if place is not None]
    assert len(places) == len(choices), "every choice has a candidate"
    for _ in range(ROUNDS_MAX if free else 0):
        moved = _move_leaves(forest, choices, places, free)
        if not _close_crossings(forest, choices, places, free) and not moved:
            break
    return tuple(places), forest.cost


class _Forest:
    """The moves in use, each counted by the leaves that use it; `cost` sums those used at all.

    A request that several moves open is paid once: `requests` counts the moves in use that open it.
    """

    def __init__(self) -> None:
        self.uses: dict[int, int] = {}
        self.requests: dict[Hashable, int] = {}
        self.cost = 0

    def added_cost(self, place: Place, closed: int = -1) -> int | None:
        """Returns what taking `place` adds, or None when it lies behind the closed crossing."""
        added = 0
        for move in _moves(place):
            if move.id == closed:
                return None
            if not self.uses.get(move.id):
                added += move.own
                if move.request is not None and self.requests.get(move.request):
                    added -= CROSSING_COST
        return added

    def take_cheapest(self, candidates: Sequence[Place], closed: int = -1) -> Place | None:
        """Takes the candidate that adds least (then the shallowest) and returns it."""
        best: tuple[int, int, int] | None = None
        found: Place | None = None
        for place in candidates:
            added = self.added_cost(place, closed)
            if added is not None and (best is None or (added, place.crossings, place.id) < best):
                best, found = (added, place.crossings, place.id), place
        if found is not None:
            self.take(found)
        return found

    def take(self, place: Place) -> None:
        for move in _moves(place):
            count = self.uses.get(move.id, 0)
            if not count:
                self._open(move)
            self.uses[move.id] = count + 1

    def drop(self, place: Place) -> None:
        for move in _moves(place):
            self.uses[move.id] -= 1
            if not self.uses[move.id]:
                self._close(move)

    def _open(self, move: Place) -> None:
        self.cost += move.own
        if move.request is not None:
            moves = self.requests.get(move.request, 0)
            self.requests[move.request] = moves + 1
            self.cost -= CROSSING_COST if moves else 0

    def _close(self, move: Place) -> None:
        self.cost -= move.own
        if move.request is not None:
            self.requests[move.request] -= 1
            self.cost += CROSSING_COST if self.requests[move.request] else 0


def _moves(place: Place) -> Iterator[Place]:
    current: Place | None = place
    while current is not None:
        yield current
        current = current.parent


def _move_leaves(
    forest: _Forest, choices: Sequence[Choice], places: list[Place], free: Sequence[int]
) -> bool:
    moved = False
    for index in free:
        before = forest.cost
        forest.drop(places[index])
        found = forest.take_cheapest(choices[index].candidates)
        assert found is not None, "a choice keeps its candidates"
        moved = moved or forest.cost < before
        places[index] = found
    return moved


def _close_crossings(
    forest: _Forest, choices: Sequence[Choice], places: list[Place], free: Sequence[int]
) -> bool:
    """Tries to do without each crossing that only leaves with alternatives use."""
    crossings = {move.id for i in free for move in _moves(places[i]) if move.own >= CROSSING_COST}
    closed_any = False
    for crossing in sorted(crossings)[:CLOSINGS_MAX]:
        users = [i for i in free if any(move.id == crossing for move in _moves(places[i]))]
        if forest.uses.get(crossing, 0) == len(users):
            closed_any = _close(forest, choices, places, users, crossing) or closed_any
    return closed_any


def _close(
    forest: _Forest, choices: Sequence[Choice], places: list[Place], users: Sequence[int], crossing: int
) -> bool:
    before = forest.cost
    kept = {index: places[index] for index in users}
    for index in users:
        forest.drop(places[index])
    moved: dict[int, Place] = {}
    for index in users:
        found = forest.take_cheapest(choices[index].candidates, crossing)
        if found is None:
            break
        moved[index] = found
    if len(moved) == len(users) and forest.cost < before:
        for index, place in moved.items():
            places[index] = place
        return True
    for place in moved.values():
        forest.drop(place)
    for place in kept.values():
        forest.take(place)
    return False
