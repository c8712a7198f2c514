"""Finds, for every leaf of an operation, the places that can answer it.

Problem: an object can stand in several subgraphs, a field can be answered by some of them, and moving
between them needs keys whose fields may themselves have to be fetched elsewhere first.

Steps, for each field of a selection at a position:
1. read it where the object stands; if that answers a leaf, done;
2. else look at every place that jumps reach from there (`reach`), and at the subgraphs that resolve the field
   once required fields are supplied (`supply`);
3. a composite field becomes a position of its own, with the cheapest place per node, and is walked in turn;
4. where an abstract object can't be read as a whole, its types are split into classes that can be moved
   alike, and each class is walked by itself;
5. a field of a deferred group is walked from where the object is entered anew (`enter_deferred`).

Bound: a position has at most one place per node of the graph, a jump whose condition is being resolved is
never tried inside that resolution (guards), and every step counts against `steps_max`.
"""

from __future__ import annotations

from router.errors import PlanningError
from router.graph import Graph, Node
from router.operation import Field
from router.operation.model import TYPENAME, Selections
from router.planner.choose.choose import choose_places
from router.planner.walk.enter_deferred import enter_deferred, is_of_key
from router.planner.walk.place import Choice, Enter, Place, Supply
from router.planner.walk.position import Guards, Position
from router.planner.walk.reach import reach
from router.planner.walk.require import required_places
from router.planner.walk.split import split_types

STEPS_MAX = 200_000
REQUIRED_FROM_MAX = 4
SPLIT_SOURCES_MAX = 4

NO_GUARDS: Guards = frozenset()


class Unreachable(Exception):  # noqa: N818 (a signal of the search, never shown)
    """A field that no place of the position can answer."""

    def __init__(self, type_name: str, field: str) -> None:
        super().__init__(f"{type_name}.{field}")


class Walker:
    """Walks selections over one graph; remembers what supplies a key from where."""

    def __init__(self, graph: Graph, steps_max: int = STEPS_MAX) -> None:
        self.graph = graph
        self.steps_left = steps_max
        self._supplies: dict[tuple[int, Selections], Supply | None] = {}
        self._local: dict[tuple[int, Selections, frozenset[int]], bool] = {}
        self._guard_hits = 0

    def count_step(self) -> None:
        """Counts one step of the search; raises PlanningError at the limit."""
        self.steps_left -= 1
        if self.steps_left < 0:
            raise PlanningError(
                "The operation is too complex to plan within the limit of steps.", "QUERY_PLAN_LIMIT_EXCEEDED"
            )

    def note_guard(self) -> None:
        """Notes that a guard cut the search, so that a failure found now holds only under these guards."""
        self._guard_hits += 1

    # -- selections ----------------------------------------------------------------------------------

    def walk(self, position: Position, selections: Selections, guards: Guards = NO_GUARDS) -> list[Choice]:
        """Returns a choice for every leaf below `selections`; raises Unreachable when one has none."""
        choices: list[Choice] = []
        narrowed: dict[frozenset[str] | None, Position | None] = {None: position}
        for field in selections:
            if not field.deferred <= position.deferred:
                choices += self._walk_deferred(position, field, guards)
                continue
            if field.types not in narrowed:
                assert field.types is not None, "the whole position is there from the start"
                narrowed[field.types] = self.narrow(position, field.types, field, guards)
            target = narrowed[field.types]
            if target is not None:
                # Which type an object has is asked of the object whatever its type.
                choices += self._walk_field(position if field.name == TYPENAME else target, field, guards)
        return choices

    def _walk_deferred(self, position: Position, field: Field, guards: Guards) -> list[Choice]:
        """Walks a field of deferred groups: by entering its object anew, so that its fetch is one of theirs.

        An object that can't be entered has the field asked where it stands, at once; only what lies behind
        other moves is fetched later. So is a field of the key itself, and the object's type.
        """
        entered = enter_deferred(self, position, field, guards)
        if entered is None:
            return []  # no object is of the types it is asked on
        if entered.anew is not None and field.name != TYPENAME and not is_of_key(entered.anew, field):
            try:
                return self._walk_field(entered.anew, field, guards)
            except Unreachable:
                pass  # what the key can't bring, the object's own place may
        return self._walk_field(entered.standing, field, guards)

    def narrow(
        self, position: Position, types: frozenset[str], field: Field, guards: Guards
    ) -> Position | None:
        """Returns the position of only the objects of `types`, or None when there can be none."""
        typed = [place for place in position.places if place.standing.is_typed]
        if not typed:
            typed = [place for place in self._reach(position, guards) if place.standing.knows_its_type]
            if not typed:
                raise Unreachable(position.places[0].standing.type_name, field.name)
        places = [
            place if node is place.node else place.narrow(node)
            for place in typed
            if (node := self.graph.narrow(place.standing, types)) is not None
        ]
        return Position(places) if places else None

    def _walk_field(self, position: Position, field: Field, guards: Guards) -> list[Choice]:
        self.count_step()
        if field.name == TYPENAME:
            return self._walk_typename(position, field, guards)
        if field.selections is None:
            return self._walk_leaf(position, field, guards)
        return self._walk_composite(position, field, guards)

    def _walk_typename(self, position: Position, field: Field, guards: Guards) -> list[Choice]:
        if any(place.standing.is_typed for place in position.places):
            return []  # an abstract place always asks it, and of a concrete one it is known
        found = [p.read(field, None) for p in self._reach(position, guards) if p.standing.knows_its_type]
        if not found:
            raise Unreachable(position.places[0].standing.type_name, field.name)
        return [Choice(tuple(found))]

    def _walk_leaf(self, position: Position, field: Field, guards: Guards) -> list[Choice]:
        found = self._read(position.places, field)
        nearest = min(place.crossings for place in position.places)
        if not found or found[0].crossings > nearest:
            # Where the object stands nearest, it is not answered: jumping from there may be as good.
            found += self._read(self._reach(position, guards), field)
        if not found:
            found = self._required(position, field, guards)
        if not found:
            return self._walk_split(position, field, guards)
        return [Choice(tuple(sorted(found, key=_cheapest)))]

    def _walk_composite(self, position: Position, field: Field, guards: Guards) -> list[Choice]:
        assert field.selections is not None, "a composite field has selections"
        direct = self._read(position.places, field)
        if direct and direct[0].cost == position.places[0].cost + direct[0].own:
            first = direct[0]
            if self.is_local(first.standing, field.selections, first.deferred):
                return self._walk_below([first], field.selections, guards)
        found = direct + self._read(self._reach(position, guards), field)
        found += self._required(position, field, guards)
        if found:
            try:
                return self._walk_below(found, field.selections, guards)
            except Unreachable:
                pass  # perhaps its types can do apart what they can't together
        return self._walk_split(position, field, guards)

    def _walk_below(self, places: list[Place], selections: Selections, guards: Guards) -> list[Choice]:
        below = Position(places)
        choices = self.walk(below, selections, guards)
        # An object of which nothing is asked now, or only its type, is still asked for.
        if not choices or any(not field.deferred <= below.deferred for field in selections):
            choices.append(Choice(below.places))
        return choices

    def _walk_split(self, position: Position, field: Field, guards: Guards) -> list[Choice]:
        """Walks the types of an abstract object apart, from the one place that does it cheapest.

        All types come from one place: which of them an object has is known only to who returned it.
        """
        sources = [place for place in position.places if place.standing.is_typed]
        if not sources:
            sources = [place for place in self._reach(position, guards) if place.standing.knows_its_type]
        best: tuple[int, list[Choice]] | None = None
        for source in sources[:SPLIT_SOURCES_MAX]:
            choices = self._split_from(source, field, guards)
            if choices is not None:
                cost = choose_places(choices)[1]
                if best is None or cost < best[0]:
                    best = (cost, choices)
        if best is None:
            raise Unreachable(position.places[0].standing.type_name, field.name)
        return best[1]

    def _split_from(self, source: Place, field: Field, guards: Guards) -> list[Choice] | None:
        classes = split_types(self.graph, source.standing, field.name)
        if len(classes) < 2:
            return None
        choices: list[Choice] = []
        for types in classes:
            node = self.graph.narrow(source.standing, types)
            assert node is not None, "a class holds types the object can have"
            try:
                choices += self._walk_field(Position([source.narrow(node)]), field, guards)
            except Unreachable:
                return None
        return choices

    # -- places --------------------------------------------------------------------------------------

    def _read(self, places: tuple[Place, ...] | list[Place], field: Field) -> list[Place]:
        found: list[Place] = []
        for place in places:
            reading = self.graph.reading(place.standing, field.name)
            if reading is not None and (reading.target is None) == (field.selections is None):
                found.append(place.read(field, reading.target))
        return sorted(found, key=_cheapest)

    def _reach(self, position: Position, guards: Guards) -> tuple[Place, ...]:
        if guards not in position.reached:
            position.reached[guards] = reach(self, position, guards)
        return position.reached[guards]

    def _required(self, position: Position, field: Field, guards: Guards) -> list[Place]:
        """Returns the places of a field that needs others first, one for each place those come from."""
        sources = {place.id: place for place in (*position.places, *self._reach(position, guards))}
        found: list[Place] = []
        for source in sorted(sources.values(), key=_cheapest):
            found += required_places(self, source, field, guards)
            if len(found) >= REQUIRED_FROM_MAX:
                break
        return found

    # -- supplies ------------------------------------------------------------------------------------

    def is_local(self, node: Node, selections: Selections, deferred: frozenset[int] = frozenset()) -> bool:
        """Whether everything selected can be read without leaving the node's subgraph, as one delivery."""
        key = (node.id, selections, deferred)
        if key not in self._local:
            self._local[key] = all(self._is_field_local(node, field, deferred) for field in selections)
        return self._local[key]

    def _is_field_local(self, node: Node, field: Field, deferred: frozenset[int]) -> bool:
        if not field.deferred <= deferred:
            return False
        if field.types is not None:
            if not node.is_typed:
                return False
            narrowed = self.graph.narrow(node, field.types)
            if narrowed is None:
                return True
            node = narrowed
        if field.name == TYPENAME:
            return node.knows_its_type
        reading = self.graph.reading(node, field.name)
        if reading is None or (reading.target is None) != (field.selections is None):
            return False
        return reading.target is None or self.is_local(reading.target, field.selections or (), deferred)

    def supply(self, node: Node, selections: Selections, guards: Guards) -> Supply | None:
        """Returns how `selections` are fetched for an object at `node`, or None when they can't be."""
        key = (node.id, selections)
        if key in self._supplies:
            return self._supplies[key]
        hits = self._guard_hits
        root = Place(None, Enter(), node)
        try:
            choices = self.walk(Position([root]), selections, guards)
        except Unreachable:
            if self._guard_hits == hits:
                self._supplies[key] = None  # no guard stood in the way: it fails everywhere
            return None
        leaves, cost = choose_places(choices)
        crossings = max((leaf.crossings for leaf in leaves), default=0)
        self._supplies[key] = Supply(selections, root, leaves, cost, crossings)
        return self._supplies[key]


def _cheapest(place: Place) -> tuple[int, int]:
    return place.cost, place.id
