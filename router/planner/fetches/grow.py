"""Grows fetch steps along the chosen places.

Problem: the chosen places are a tree of moves; a subgraph must be sent whole operations.

Steps: walk the tree from each root. A field read adds to the selection at hand, a type condition narrows it,
a jump opens an entity step: its key (and required fields) are added to the steps that can supply them, which
become its parents. Required fields get keys of their own in merged data where the client's would collide.

Bound: linear in the chosen places and in what their jumps require.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from router.graph import Graph, Node
from router.operation import Field, Operation
from router.operation.model import TYPENAME, Selections, Types
from router.plan import ContextValue, PathStep, Representation, RepresentedField
from router.planner.fetches.keys import KeyRegistry
from router.planner.fetches.step import (
    Cursor,
    EntityGroup,
    GroupContext,
    Output,
    OutputField,
    Step,
    Supplying,
)
from router.planner.walk.place import Around, Defer, Leap, Narrow, Place, Read, Supply

TYPENAME_FIELD = Field(TYPENAME, TYPENAME)
# Root steps by their subgraph and the deferred groups they are for.
Roots = dict[tuple[str, frozenset[int]], Step]


class _Tree:
    """The chosen places with their ancestors: each place's used children, in the order they were found."""

    def __init__(self, leaves: Iterable[Place]) -> None:
        self._children: dict[int, dict[int, Place]] = {}
        self.roots: dict[int, Place] = {}
        for leaf in leaves:
            place = leaf
            while place.parent is not None:
                self._children.setdefault(place.parent.id, {})[place.id] = place
                place = place.parent
            self.roots[place.id] = place

    def children(self, place: Place) -> list[Place]:
        return [child for _, child in sorted(self._children.get(place.id, {}).items())]


class StepGrower:
    """Turns chosen places into steps, kept in `steps` in the order they were opened."""

    def __init__(self, graph: Graph, operation: Operation) -> None:
        self.graph = graph
        self.kind = operation.kind
        self.steps: list[Step] = []
        self.opened: dict[int, list[Place]] = {}
        self._cursors: dict[int, Cursor] = {}
        self._keys = KeyRegistry(operation.selections)
        self._ids = count()

    def open_root(
        self, graph: str, after: Iterable[Step] = (), deferred: frozenset[int] = frozenset()
    ) -> Step:
        """Returns a new root step in `graph`."""
        step = Step(next(self._ids), graph, self.kind, set(after), output=Output(), deferred=deferred)
        self.steps.append(step)
        return step

    def grow_roots(self, leaves: Iterable[Place], roots: Roots, after: Iterable[Step] = ()) -> None:
        """Adds what `leaves` need; root steps are taken from `roots`, or opened into it."""
        tree = _Tree(leaves)
        for _, root in sorted(tree.roots.items()):
            wanted = (root.standing.graph, root.deferred)
            if wanted not in roots:
                roots[wanted] = self.open_root(root.standing.graph, after, root.deferred)
            step = roots[wanted]
            self.opened.setdefault(step.id, []).append(root)
            assert step.output is not None, "a root step has an output"
            self._grow(tree, root, Cursor(step, step.output), None)

    def _grow(self, tree: _Tree, place: Place, cursor: Cursor, supplying: Supplying | None) -> None:
        """Adds the moves below `place`; `supplying` tells that they are required fields of another step."""
        self._cursors[place.id] = cursor
        for child in tree.children(place):
            match child.edge:
                case Read(field):
                    self._read(tree, child, field, cursor, supplying)
                case Narrow(types):
                    self._ask_typename(place.node, cursor)
                    path = cursor.path
                    if path:
                        path = (*path[:-1], PathStep(path[-1].key, types))
                    self._grow(tree, child, Cursor(cursor.step, cursor.output, path, types), supplying)
                case Defer():
                    self._grow(tree, child, cursor, supplying)
                case Leap():
                    self._leap(tree, child, child.edge, cursor, supplying)

    def _read(
        self, tree: _Tree, place: Place, field: Field, cursor: Cursor, supplying: Supplying | None
    ) -> None:
        if supplying is not None:
            supplying.steps.add(cursor.step)
        if field.name == TYPENAME:
            key = TYPENAME
        elif supplying is not None:
            key = self._keys.claim(cursor.keys, cursor.types, field)
        else:
            key = field.key
        output = Output() if field.selections is not None else None
        wanted = OutputField(field.name, key, field.arguments, field.variables, cursor.types, output)
        found = cursor.output.add(wanted)
        if found.output is not None and place.node is not None:
            below = Cursor(cursor.step, found.output, (*cursor.path, PathStep(key)))
            self._ask_typename(place.node, below)
            self._grow(tree, place, below, supplying)

    def _ask_typename(self, node: Node | None, cursor: Cursor) -> None:
        """Asks the real type of an abstract object, wherever the subgraph knows it."""
        if node is not None and node.knows_its_type and self.graph.is_abstract(node.type_name):
            cursor.output.add(OutputField(TYPENAME, TYPENAME))

    # -- jumps ---------------------------------------------------------------------------------------

    def _leap(
        self, tree: _Tree, place: Place, edge: Leap, cursor: Cursor, supplying: Supplying | None
    ) -> None:
        jump, target = edge.jump, edge.jump.target
        deferred = place.deferred or (supplying.deferred if supplying is not None else place.deferred)
        if jump.is_root:
            step = Step(next(self._ids), target.graph, "query", {cursor.step}, cursor.path, Output())
            assert step.output is not None, "it was just made"
            output, types = step.output, None
        else:
            after = {cursor.step} | self._supply(edge.supply, cursor, deferred)
            output = Output()
            group = EntityGroup(
                cursor.path,
                [self._represent(edge, cursor, place)],
                output,
                target.interface_object,
            )
            for one in edge.around:
                group.context.append(self._take_around(one, deferred, after))
            step = Step(next(self._ids), target.graph, "query", after, groups=[group])
            types = None if target.interface_object is not None else target.runtime
        step.deferred = deferred
        self.steps.append(step)
        self.opened[step.id] = [place]
        landed = Cursor(step, output, cursor.path, types)
        if place.parent is not None and not place.parent.standing.is_typed:
            self._ask_typename(target, landed)
        self._grow(tree, place, landed, supplying)

    def _take_around(self, one: Around, deferred: frozenset[int], after: set[Step]) -> GroupContext:
        """Adds the fields of a value taken from around; the steps that bring it join `after`."""
        cursor = self._cursors[one.place.id]
        after |= {cursor.step} | self._supply(one.supply, cursor, deferred)
        fields = self._represented(one.supply.needs, cursor.keys, cursor.types, ())
        value = ContextValue(one.variable, len(cursor.path), fields, one.type.endswith("!"))
        return GroupContext(value, one.type)

    def _supply(self, supply: Supply, cursor: Cursor, deferred: frozenset[int]) -> set[Step]:
        """Adds the fields a jump needs where they can be had; returns the steps that bring them."""
        supplying = Supplying(deferred)
        self._grow(_Tree(supply.leaves), supply.root, cursor, supplying)
        return supplying.steps

    def _represent(self, edge: Leap, cursor: Cursor, place: Place) -> Representation:
        assert place.parent is not None, "a jump starts somewhere"
        source = place.parent.standing
        typename = edge.jump.typename
        if typename is None and len(source.runtime) == 1:
            typename = min(source.runtime)
        if typename is None:
            self._ask_typename(source, Cursor(cursor.step, cursor.output, cursor.path))
        fields = self._represented(edge.supply.needs, cursor.keys, cursor.types, edge.jump.key)
        return Representation(cursor.types, typename, fields)

    def _represented(
        self, selections: Selections, keys: tuple[str, ...], types: Types, key_fields: Selections
    ) -> tuple[RepresentedField, ...]:
        found: dict[tuple[str, Types], RepresentedField] = {}
        for field in selections:
            if field.name == TYPENAME:
                continue
            within = types if field.types is None else field.types
            key = self._keys.claim(keys, within, field)
            below = None
            if field.selections is not None:
                required_below = field.selections if field in key_fields else ()
                below = self._represented(field.selections, (*keys, key), None, required_below)
            known = found.get((field.name, field.types))
            if known is not None and below is not None:
                below = (*(known.fields or ()), *(one for one in below if one not in (known.fields or ())))
            is_required = field in key_fields or (known is not None and known.is_required)
            found[(field.name, field.types)] = RepresentedField(
                field.name, key, below, field.types, is_required
            )
        return tuple(found.values())
