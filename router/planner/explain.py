"""Why each fetch of a plan exists: what it serves, how it is entered, what else was possible at what cost.

In: the trace that planning leaves when asked to. Out: an `Explanation` per fetch, and its text. Costs are the
planner's own: a move to another subgraph is about a thousand, a field about one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from router.graph import Graph
from router.operation.model import Selections
from router.plan import Plan
from router.planner.fetches.step import Step
from router.planner.walk.place import Choice, Leap, Place, Read

FIELDS_SHOWN_MAX = 12


@dataclass(slots=True)
class PlanTrace:
    """What planning decided: for each choice the place taken, and the places each step was opened for."""

    choices: list[Choice] = field(default_factory=list)
    taken: list[Place] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    opened: dict[int, list[Place]] = field(default_factory=dict)

    def note(self, choices: Sequence[Choice], taken: Sequence[Place]) -> None:
        """Adds the choices of one search."""
        self.choices += choices
        self.taken += taken


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to the same field: the subgraphs on the way and the cost of it alone."""

    way: tuple[str, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one fetch exists.

    `serves` are the client's fields it answers, by path; `requires` are fields it brings for other fetches;
    `key` is how its objects are entered, empty for a root fetch; `cost` is the dearest of its fields alone.
    """

    fetch: int
    service: str
    serves: tuple[str, ...]
    key: str
    requires: str
    cost: int
    alternatives: tuple[Alternative, ...]


def explain_plan(graph: Graph, plan: Plan, trace: PlanTrace) -> tuple[Explanation, ...]:
    """Returns the explanation of each fetch, in the plan's order."""
    names = {subgraph.id: subgraph.name for subgraph in graph.supergraph.subgraphs.values()}
    found: list[Explanation] = []
    for fetch, step in zip(plan.fetches, trace.steps, strict=True):
        places = [place for number in (step.id, *step.absorbed) for place in trace.opened[number]]
        served = [
            (choice, leaf)
            for choice, leaf in zip(trace.choices, trace.taken, strict=True)
            if any(_stands_in(leaf, place) for place in places)
        ]
        leaps = [place.edge for place in places if isinstance(place.edge, Leap)]
        found.append(
            Explanation(
                fetch.id,
                fetch.service,
                tuple(dict.fromkeys(field_path(leaf) for _, leaf in served)),
                " or ".join(dict.fromkeys(_print(leap.jump.key) for leap in leaps)),
                " and ".join(dict.fromkeys(text for leap in leaps if (text := _required(leap)))),
                max((leaf.cost for _, leaf in served), default=0),
                _alternatives(served, names),
            )
        )
    return tuple(found)


def print_explanations(explanations: Sequence[Explanation]) -> str:
    """Returns the explanations as text for people."""
    return "\n".join(line for one in explanations for line in _lines(one))


def _lines(one: Explanation) -> Iterator[str]:
    entered = f"entered by {{ {one.key} }}" if one.key else "from the root"
    yield f"fetch {one.fetch} to {one.service}, {entered}"
    if one.requires:
        yield f"  after fetching {{ {one.requires} }}, which it requires"
    if one.serves:
        more = len(one.serves) - FIELDS_SHOWN_MAX
        shown = ", ".join(one.serves[:FIELDS_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")
        yield f"  answers {shown}; the dearest costs {one.cost}"
    else:
        yield "  brings keys or required fields for other fetches"
    for alternative in one.alternatives:
        yield f"  instead of {' > '.join(alternative.way)}, which alone costs {alternative.cost}"


def _stands_in(leaf: Place, opened: Place) -> bool:
    """Whether the leaf is read in the subgraph visit that began at `opened`."""
    place: Place | None = leaf
    while place is not None:
        if place is opened:
            return True
        if isinstance(place.edge, Leap):
            return False
        place = place.parent
    return False


def field_path(leaf: Place) -> str:
    """Returns the response keys from the root to a leaf, with dots."""
    keys: list[str] = []
    place: Place | None = leaf
    while place is not None:
        if isinstance(place.edge, Read):
            keys.append(place.edge.field.key)
        place = place.parent
    return ".".join(reversed(keys))


def way_of(leaf: Place, names: dict[str, str]) -> tuple[str, ...]:
    """Returns the subgraphs visited on the way to a leaf, by name."""
    visited: list[str] = []
    place: Place | None = leaf
    while place is not None:
        if place.node is not None and (isinstance(place.edge, Leap) or place.parent is None):
            visited.append(names[place.node.graph])
        place = place.parent
    return tuple(reversed(visited))


def _alternatives(served: Sequence[tuple[Choice, Place]], names: dict[str, str]) -> tuple[Alternative, ...]:
    cheapest: dict[tuple[str, ...], int] = {}
    taken = {way_of(leaf, names) for _, leaf in served}
    for choice, leaf in served:
        for other in choice.candidates:
            way = way_of(other, names)
            if other is not leaf and way not in taken:
                cheapest[way] = min(cheapest.get(way, other.cost), other.cost)
    return tuple(Alternative(way, cost) for way, cost in sorted(cheapest.items(), key=lambda pair: pair[1]))


def _required(leap: Leap) -> str:
    return _print(leap.supply.needs[len(leap.jump.key) :])


def _print(selections: Selections) -> str:
    parts: list[str] = []
    for wanted in selections:
        below = f" {{ {_print(wanted.selections)} }}" if wanted.selections else ""
        parts.append(f"{wanted.name}{wanted.arguments}{below}")
    return " ".join(parts)
