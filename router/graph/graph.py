"""The graph of moves, computed on demand from the supergraph's facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from router.graph.model import Jump, Node, Reading, Required, provides_on
from router.operation import read_field_set
from router.operation.model import Selections
from router.supergraph import FieldJoin, Supergraph


class Graph:
    """Answers what can be read and where one can jump from a node.

    `labels` are the active labels of progressive overrides: an override with a label holds only when its
    label is among them, one without always does.
    """

    def __init__(self, supergraph: Supergraph, labels: frozenset[str] = frozenset()) -> None:
        self.supergraph = supergraph
        self.labels = labels
        self._nodes: dict[tuple[object, ...], Node] = {}
        self._readings: dict[tuple[int, str], Reading | None] = {}
        self._jumps: dict[int, tuple[Jump, ...]] = {}
        self._entries: dict[tuple[int, str], tuple[Jump, ...]] = {}
        self._required: dict[tuple[int, str], tuple[Required, ...]] = {}
        self._field_sets: dict[tuple[str, str], Selections] = {}
        self._signatures: dict[tuple[str, str], object] = {}
        self._graphs = tuple(sorted(supergraph.subgraphs))

    # -- nodes ---------------------------------------------------------------------------------------

    def node(
        self,
        type_name: str,
        graph: str,
        runtime: frozenset[str],
        provided: Selections = (),
        interface_object: str | None = None,
        is_typed: bool = True,
    ) -> Node:
        """Returns the interned node of these properties."""
        key = (type_name, graph, runtime, provided, interface_object, is_typed)
        found = self._nodes.get(key)
        if found is None:
            found = Node(len(self._nodes), type_name, graph, runtime, provided, interface_object, is_typed)
            self._nodes[key] = found
        return found

    def roots(self, kind: str) -> tuple[Node, ...]:
        """Returns where an operation of `kind` can start: a node for each subgraph with that root type."""
        name = self.supergraph.root_types[kind]
        joins = self.supergraph.types[name].joins
        return tuple(self.node(name, graph, frozenset((name,))) for graph in sorted(joins))

    def narrow(self, node: Node, types: frozenset[str]) -> Node | None:
        """Returns the node of the objects that are one of `types`, or None when none can be."""
        runtime = node.runtime & types
        if not runtime:
            return None
        if runtime == node.runtime:
            return node
        type_name = min(runtime) if len(runtime) == 1 else node.type_name
        return self.node(type_name, node.graph, runtime, node.provided, node.interface_object, node.is_typed)

    def is_abstract(self, type_name: str) -> bool:
        """Whether the type is an interface or a union."""
        return self.supergraph.types[type_name].is_abstract

    # -- reading fields ------------------------------------------------------------------------------

    def reading(self, node: Node, name: str) -> Reading | None:
        """Returns what reading `name` at `node` gives, or None when the subgraph can't answer it there.

        A field of an abstract node can be read when every type the object may have can read it.
        """
        key = (node.id, name)
        if key not in self._readings:
            self._readings[key] = self._read(node, name)
        return self._readings[key]

    def _read(self, node: Node, name: str) -> Reading | None:
        readers = self._readers(node)
        joins = [join for reader in readers if (join := self._plain_join(node, reader, name))]
        if not joins or len(joins) != len(readers):
            return None
        named_type = self._named_type(node, readers, name)
        if not self.supergraph.is_composite(named_type):
            return Reading(None)
        provided = {self._provided_below(node, reader, name, named_type) for reader in readers}
        return Reading(
            self.arrival(named_type, node.graph, joins, provided.pop() if len(provided) == 1 else ())
        )

    def arrival(self, named_type: str, graph: str, joins: Iterable[FieldJoin], provided: Selections) -> Node:
        """Returns the node a field of `named_type` leads to, its types as narrow as the subgraph declares."""
        facts = self.supergraph.types[named_type]
        if facts.is_interface_object_in(graph):
            everything = self.supergraph.possible_types[named_type]
            return self.node(named_type, graph, everything, provided, named_type, is_typed=False)
        locals_ = {join.type.strip("[]!") for join in joins}
        runtime = frozenset().union(*(self.supergraph.possible_types_in(name, graph) for name in locals_))
        return self.node(named_type, graph, runtime, provided)

    def _readers(self, node: Node) -> tuple[str, ...]:
        """Returns the types whose fields decide what can be read at the node."""
        if node.interface_object is not None:
            return (node.interface_object,)
        return tuple(sorted(node.runtime)) or (node.type_name,)

    def _named_type(self, node: Node, readers: tuple[str, ...], name: str) -> str:
        types = self.supergraph.types
        declared = {types[reader].fields[name].named_type for reader in readers}
        if len(declared) == 1:
            return declared.pop()
        static = types[node.type_name].fields.get(name)
        if static is not None:
            return static.named_type
        possible = self.supergraph.possible_types
        return min(declared, key=lambda named: (-len(possible.get(named, ())), named))

    def _plain_join(self, node: Node, reader: str, name: str) -> FieldJoin | None:
        """Returns the join of a field the subgraph answers at the node without anything fetched before."""
        join = self._join(reader, node.graph, name)
        if join is None or not (self._is_owned(join) or provides_on(node.provided, name, reader)):
            return None
        if join.requires is not None or join.context_arguments:
            return None
        return join

    def _join(self, type_name: str, graph: str, name: str) -> FieldJoin | None:
        facts = self.supergraph.types[type_name].fields.get(name)
        return facts.joins.get(graph) if facts is not None else None

    def _is_owned(self, join: FieldJoin) -> bool:
        """Whether the subgraph resolves the field itself under the active override labels."""
        if join.override_label is not None:
            return (join.override_label in self.labels) == (join.override is not None)
        return not join.is_external and not join.is_overridden

    def _provided_below(self, node: Node, reader: str, name: str, named_type: str) -> Selections:
        join = self._join(reader, node.graph, name)
        assert join is not None, "only readable fields have something below"
        given = provides_on(node.provided, name, reader)
        found = tuple(below for field in given for below in field.selections or ())
        if join.provides is not None:
            found += self.field_set(named_type, join.provides)
        return tuple(dict.fromkeys(found))

    def sets_context(self, node: Node, context: str) -> bool:
        """Whether every object of the node sets the context, by its own type or an abstract one."""
        types = self.supergraph.types
        possible = self.supergraph.possible_types
        setters = [facts.name for facts in types.values() if context in facts.contexts]
        covered = frozenset().union(*(possible.get(name, frozenset()) for name in setters))
        return bool(node.runtime) and node.runtime <= covered

    def field_set(self, type_name: str, text: str) -> Selections:
        """Returns a field set as selections, read once."""
        key = (type_name, text)
        if key not in self._field_sets:
            self._field_sets[key] = read_field_set(self.supergraph, type_name, text)
        return self._field_sets[key]

    # -- requirements --------------------------------------------------------------------------------

    def required(self, node: Node, name: str) -> tuple[Required, ...]:
        """Returns the subgraphs that resolve `name` for the node's object once its requirement is there."""
        key = (node.id, name)
        if key not in self._required:
            self._required[key] = tuple(self._find_required(node, name))
        return self._required[key]

    def _find_required(self, node: Node, name: str) -> Iterator[Required]:
        for graph in self._graphs:
            for reader, interface in self._readers_in(node, graph):
                joins = [self._join(one, graph, name) for one in reader]
                needs = {
                    (join.requires, join.context_arguments) if join and self._is_owned(join) else (None, ())
                    for join in joins
                }
                if len(needs) != 1 or (need := needs.pop()) == (None, ()):
                    continue
                text, context = need
                selections = self.field_set(interface or node.type_name, text) if text else ()
                yield Required(graph, name, selections, interface, context)

    def landing(self, node: Node, required: Required) -> Node | None:
        """Returns the node the required field leads to, read at `node` where the jump arrived."""
        readers = self._readers(node)
        joins = [join for one in readers if (join := self._join(one, node.graph, required.field))]
        named_type = self._named_type(node, readers, required.field)
        if not self.supergraph.is_composite(named_type):
            return None
        below = {self._provided_below(node, reader, required.field, named_type) for reader in readers}
        return self.arrival(named_type, node.graph, joins, below.pop() if len(below) == 1 else ())

    def signature(self, type_name: str, field: str) -> object:
        """Returns what decides how a type's field can be read and moved to; equal ones are treated alike."""
        key = (type_name, field)
        if key not in self._signatures:
            facts = self.supergraph.types[type_name]
            declared = facts.fields.get(field)
            joins = tuple(sorted(declared.joins.items(), key=_first)) if declared is not None else ()
            keys = tuple((graph, tuple(found)) for graph, found in sorted(facts.joins.items()))
            interfaces = frozenset(
                (name, graph)
                for name in frozenset().union(*facts.interfaces.values())
                for graph in self._graphs
                if self.supergraph.types[name].is_interface_object_in(graph)
            )
            self._signatures[key] = (declared.named_type if declared else None, joins, keys, interfaces)
        return self._signatures[key]

    def _readers_in(self, node: Node, graph: str) -> Iterator[tuple[tuple[str, ...], str | None]]:
        if node.runtime and node.is_typed:
            yield tuple(sorted(node.runtime)), None
        for interface in self._interface_objects(node, graph):
            yield (interface,), interface

    # -- jumps ---------------------------------------------------------------------------------------

    def jumps(self, node: Node) -> tuple[Jump, ...]:
        """Returns the moves from the node into other subgraphs, by subgraph and key."""
        if node.id not in self._jumps:
            found: list[Jump] = []
            for graph in self._graphs:
                if graph != node.graph:
                    found += self.entries(node, graph)
            self._jumps[node.id] = tuple(found)
        return self._jumps[node.id]

    def entries(self, node: Node, graph: str) -> tuple[Jump, ...]:
        """Returns the moves from the node into `graph`, which may be its own subgraph."""
        key = (node.id, graph)
        if key not in self._entries:
            self._entries[key] = tuple(self._find_entries(node, graph))
        return self._entries[key]

    def _find_entries(self, node: Node, graph: str) -> Iterator[Jump]:
        if node.type_name == self.supergraph.root_types["query"]:
            if graph in self.supergraph.types[node.type_name].joins:
                yield Jump(self.node(node.type_name, graph, node.runtime), is_root=True)
            return
        if node.is_typed:
            for text in self._common_keys(node, graph):
                target = self.node(node.type_name, graph, node.runtime)
                yield Jump(target, self.field_set(node.type_name, text))
        else:
            assert node.interface_object is not None, "only interface objects are untyped"
            yield from self._find_type(node, node.interface_object, graph)
        for interface in self._interface_objects(node, graph):
            target = self.node(node.type_name, graph, node.runtime, (), interface, node.is_typed)
            for text in self._resolvable_keys(interface, graph):
                yield Jump(target, self.field_set(interface, text), interface)

    def _find_type(self, node: Node, interface: str, graph: str) -> Iterator[Jump]:
        """Yields the moves that tell an interface object's real type."""
        if self.supergraph.types[interface].is_interface_object_in(graph):
            return
        runtime = self.supergraph.possible_types_in(interface, graph)
        for text in self._resolvable_keys(interface, graph):
            target = self.node(node.type_name, graph, runtime)
            yield Jump(target, self.field_set(interface, text), interface)

    def _common_keys(self, node: Node, graph: str) -> list[str]:
        """Returns the keys by which every type the object may have can enter the subgraph."""
        common: list[str] | None = None
        for name in sorted(node.runtime):
            keys = self._resolvable_keys(name, graph)
            common = keys if common is None else [key for key in common if key in keys]
            if not common:
                return []
        return common or []

    def _resolvable_keys(self, type_name: str, graph: str) -> list[str]:
        joins = self.supergraph.types[type_name].joins.get(graph, ())
        return [join.key for join in joins if join.key is not None and join.is_resolvable]

    def _interface_objects(self, node: Node, graph: str) -> tuple[str, ...]:
        """Returns the interfaces of the object that `graph` stands in for."""
        if not node.runtime:
            return ()
        types = self.supergraph.types
        candidates = {
            name for one in node.runtime for names in types[one].interfaces.values() for name in names
        }
        if node.interface_object is not None:
            candidates.add(node.interface_object)
        possible = self.supergraph.possible_types
        return tuple(
            name
            for name in sorted(candidates)
            if types[name].is_interface_object_in(graph) and node.runtime <= possible[name]
        )


def _first(pair: tuple[str, object]) -> str:
    return pair[0]
