"""What can be read of an object, and where it can be entered, given the nodes it may stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from router.graph import Graph, Jump, Node
from router.graph.model import Required
from router.operation.model import TYPENAME, Field, Selections

Nodes = frozenset[Node]


@dataclass(frozen=True, slots=True)
class Options:
    """The ways to read one field: whether there is any, and the nodes a composite value then stands in."""

    is_possible: bool
    targets: Nodes = frozenset()


_IMPOSSIBLE = Options(False)


class Reach:
    """Closures and readings over one graph, remembered.

    Conditions of keys and of @requires are themselves readings, so the search is recursive. A state met again
    while it is being closed answers with what it has so far; such cut answers are not remembered, unless they
    are the outermost one's, for which the cut changes nothing: a key that needs itself opens nothing.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._closures: dict[tuple[str, Nodes], Nodes] = {}
        self._closing: set[tuple[str, Nodes]] = set()
        self._requiring: set[tuple[str, str, str]] = set()
        self._cuts = 0
        self._homes: dict[str, tuple[str, ...]] = {}
        # Most fields have no @requires anywhere; asking the graph for each would dominate the walk.
        self._with_requirements = frozenset(
            field.name
            for facts in graph.supergraph.types.values()
            for field in facts.fields.values()
            if any(join.requires is not None for join in field.joins.values())
        )

    def narrowed(self, nodes: Iterable[Node], type_name: str) -> Nodes:
        """The nodes where the object can be of this type."""
        wanted = frozenset((type_name,))
        found = (self.graph.narrow(node, wanted) for node in nodes)
        return frozenset(node for node in found if node is not None)

    def closure(self, type_name: str, nodes: Nodes) -> Nodes:
        """The nodes, and all those that keys lead to from them."""
        state = (type_name, nodes)
        known = self._closures.get(state)
        if known is not None:
            return known
        if state in self._closing:
            self._cuts += 1
            return nodes
        cuts_before = self._cuts
        self._closing.add(state)
        closed = self._close(type_name, nodes)
        self._closing.discard(state)
        if self._cuts == cuts_before or not (self._closing or self._requiring):
            self._closures[state] = closed
        return closed

    def _close(self, type_name: str, nodes: Nodes) -> Nodes:
        reached = set(nodes)
        grew = True
        while grew:
            grew = False
            # What a new node offers may satisfy a key that was refused before, hence the outer loop.
            waiting = sorted(reached, key=_node_id)
            for node in waiting:
                for jump in self._jumps(node, type_name):
                    for target in self.narrowed((jump.target,), type_name) - reached:
                        if self.can_select(type_name, frozenset(reached), jump.key):
                            reached.add(target)
                            waiting.append(target)
                            grew = True
        return frozenset(reached)

    def _jumps(self, node: Node, type_name: str) -> Iterator[Jump]:
        for graph in self._homes_of(type_name):
            if graph != node.graph:
                yield from self.graph.entries(node, graph)

    def _homes_of(self, type_name: str) -> tuple[str, ...]:
        """The subgraphs that can hold an object of this type, as itself or as one of its interfaces."""
        homes = self._homes.get(type_name)
        if homes is None:
            types = self.graph.supergraph.types
            names = {type_name}.union(*types[type_name].interfaces.values())
            homes = tuple(sorted({graph for name in names if name in types for graph in types[name].joins}))
            self._homes[type_name] = homes
        return homes

    def can_select(self, type_name: str, reached: Nodes, selections: Selections) -> bool:
        """Whether all of the selections can be read of an object of this type that stands in these nodes."""
        return all(
            self._can_read(type_name, reached, field)
            for field in selections
            if field.name != TYPENAME and field.applies_to(type_name)
        )

    def _can_read(self, type_name: str, reached: Nodes, field: Field) -> bool:
        options = self.options(type_name, reached, field.name)
        if not options.is_possible or field.selections is None:
            return options.is_possible
        return all(
            self.can_select(name, self.closure(name, self.narrowed(options.targets, name)), field.selections)
            for name in runtime_types(options.targets)
        )

    def options(self, type_name: str, reached: Nodes, name: str) -> Options:
        """Every way to read a field of an object of this type that stands in these nodes (a closure)."""
        possible = False
        targets: set[Node] = set()
        for node in reached:
            reading = self.graph.reading(node, name)
            if reading is not None:
                possible = True
                if reading.target is not None:
                    targets.add(reading.target)
        for arrival, required in self._requirements(type_name, reached, name):
            possible = True
            landing = self.graph.landing(arrival, required)
            if landing is not None:
                targets.add(landing)
        for target in self._with_context(type_name, reached, name):
            possible = True
            targets.update(() if target is None else (target,))
        return Options(possible, frozenset(targets)) if possible else _IMPOSSIBLE

    def _with_context(self, type_name: str, reached: Nodes, name: str) -> Iterator[Node | None]:
        """Where a field leads whose arguments come from a context: its object is always entered anew by a
        key.

        That a type above sets the context is a rule of its own (CONTEXT_NOT_SET).
        """
        types = self.graph.supergraph.types
        facts = types[type_name].fields.get(name)
        for graph, join in sorted(facts.joins.items()) if facts else ():
            if not join.context_arguments or not any(True for _ in self.entering(type_name, reached, graph)):
                continue
            if join.requires is None or self.can_select(
                type_name, reached, self.graph.field_set(type_name, join.requires)
            ):
                composite = self.graph.supergraph.is_composite(facts.named_type) if facts else False
                yield (
                    self.graph.arrival(facts.named_type, graph, (join,), ()) if composite and facts else None
                )

    def _requirements(self, type_name: str, reached: Nodes, name: str) -> Iterator[tuple[Node, Required]]:
        if name not in self._with_requirements:
            return
        seen: set[tuple[str, str | None]] = set()
        for node in sorted(reached, key=_node_id):
            for required in self.graph.required(node, name):
                place = (required.graph, required.interface_object)
                if place in seen or not self._can_fetch(type_name, reached, required):
                    continue
                for jump in self.entering(type_name, reached, required.graph):
                    seen.add(place)
                    yield from ((t, required) for t in self.narrowed((jump.target,), type_name))

    def _can_fetch(self, type_name: str, reached: Nodes, required: Required) -> bool:
        # A requirement that needs the requiring field itself can never be fetched first.
        guard = (type_name, required.field, required.graph)
        if guard in self._requiring:
            self._cuts += 1
            return False
        self._requiring.add(guard)
        try:
            return self.can_select(type_name, reached, required.selections)
        finally:
            self._requiring.discard(guard)

    def entering(self, type_name: str, reached: Nodes, graph: str) -> Iterator[Jump]:
        """The jumps into a subgraph whose keys can be read."""
        for node in sorted(reached, key=_node_id):
            for jump in self.graph.entries(node, graph):
                if self.can_select(type_name, reached, jump.key):
                    yield jump


def runtime_types(nodes: Iterable[Node]) -> list[str]:
    """The object types that objects in any of the nodes can have, in order of name."""
    return sorted(frozenset().union(*(node.runtime for node in nodes)))


def common_types(nodes: Nodes) -> list[str]:
    """The object types of a value that several subgraphs can answer for: those all of them can return.

    Sharing means that each returns the same value, so one that only some of them know cannot occur. Where
    they have none in common the sharing itself is at fault, and every type is looked at.
    """
    common = frozenset[str]().union(*(node.runtime for node in nodes))
    for node in nodes:
        common = common & node.runtime
    return sorted(common) or runtime_types(nodes)


def _node_id(node: Node) -> int:
    return node.id
