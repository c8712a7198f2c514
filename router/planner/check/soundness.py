"""Plays a plan on shapes and compares what comes out with the operation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    FieldNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)

from router.operation import Operation
from router.operation.collect import print_arguments
from router.operation.model import INITIAL, TYPENAME, Selections
from router.plan import ContextValue, Fetch, Plan, RepresentedField
from router.plan.model import Path
from router.planner.check.shape import Meaning, Shape
from router.supergraph import Supergraph


def check_plan(supergraph: Supergraph, operation: Operation, plan: Plan) -> list[str]:
    """Returns what is wrong with the plan, each in a sentence; an empty list for a sound one."""
    checker = _Checker(supergraph, Shape(frozenset((operation.root_type,))))
    for part in range(len(plan.parts) + 1):
        checker.needed[part] = frozenset(fetch.id for fetch in plan.needed_for(part))
    for fetch in plan.fetches:
        checker.play(fetch)
        checker.check_parts(fetch)
    checker.check_asked(operation.selections, checker.root, operation.root_type)
    return list(dict.fromkeys(checker.problems))


@dataclass
class _Checker:
    supergraph: Supergraph
    root: Shape
    problems: list[str] = field(default_factory=list)
    ancestors: dict[int, frozenset[int]] = field(default_factory=dict)
    needed: dict[int, frozenset[int]] = field(default_factory=dict)

    # -- playing a fetch -----------------------------------------------------------------------------

    def play(self, fetch: Fetch) -> None:
        """Checks what a fetch needs and adds what it brings."""
        before: set[int] = set()
        for number in fetch.after:
            if number not in self.ancestors:
                self.problems.append(f"fetch {fetch.id} waits for fetch {number}, which comes later")
            before |= {number} | self.ancestors.get(number, frozenset())
        self.ancestors[fetch.id] = frozenset(before)
        definition = next(
            d for d in parse(fetch.document).definitions if isinstance(d, OperationDefinitionNode)
        )
        subgraph = self.supergraph.subgraph_named(fetch.service)
        assert subgraph is not None, "a plan names subgraphs of its supergraph"
        if not fetch.entities:
            for shape, types in self.root.at(fetch.path):
                self._add(fetch, definition.selection_set, shape, types, subgraph.id)
            return
        selections = {_key(node): node for node in _fields(definition.selection_set)}
        for entities in fetch.entities:
            entered = selections[entities.key].selection_set
            assert entered is not None, "_entities has a selection"
            for path in entities.paths:
                for shape, types in self.root.at(path):
                    for way in entities.representations:
                        sent = types if way.types is None else types & way.types
                        if way.typename is None:
                            self._need(fetch, TYPENAME, TYPENAME, shape, sent)
                        self._check_represented(fetch, way.fields, shape, sent)
                    self._check_context(fetch, entities.context, path)
                    self._add(fetch, entered, shape, types, subgraph.id)

    def check_parts(self, fetch: Fetch) -> None:
        """Checks that each part of the answer waits for whatever its fetches wait for."""
        for part in fetch.deferred or (INITIAL,):
            for before in sorted(self.ancestors[fetch.id] - self.needed[part]):
                self.problems.append(
                    f"fetch {fetch.id} is for part {part}, which does not wait for fetch {before}"
                )

    def _check_context(self, fetch: Fetch, context: Iterable[ContextValue], path: Path) -> None:
        """Checks that what is taken from around an object stands there."""
        for one in context:
            for shape, types in self.root.at(path[: one.depth]):
                self._check_represented(fetch, one.fields, shape, types)

    def _check_represented(
        self, fetch: Fetch, fields: Iterable[RepresentedField], shape: Shape, types: frozenset[str]
    ) -> None:
        for wanted in fields:
            applied = types if wanted.types is None else types & wanted.types
            self._need(fetch, wanted.key, wanted.name, shape, applied)
            if wanted.fields is not None:
                for below, _ in _distinct(shape, wanted.key, applied):
                    self._check_represented(fetch, wanted.fields, below, below.runtime)

    def _need(self, fetch: Fetch, key: str, name: str, shape: Shape, types: Iterable[str]) -> None:
        for type_name in sorted(types):
            found = shape.keys.get(key, {}).get(type_name)
            if found is None or found.name != name:
                self.problems.append(
                    f"fetch {fetch.id} needs {type_name}.{name} as {key}, which nobody brings"
                )
            elif not found.fetches & self.ancestors[fetch.id]:
                self.problems.append(f"fetch {fetch.id} needs {type_name}.{name} without waiting for it")

    def _add(
        self, fetch: Fetch, selection_set: SelectionSetNode, shape: Shape, types: frozenset[str], graph: str
    ) -> None:
        for node in selection_set.selections:
            if isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else None
                inner = types if condition is None else types & self._covered(condition, graph)
                self._add(fetch, node.selection_set, shape, inner, graph)
            elif isinstance(node, FieldNode):
                self._add_field(fetch, node, shape, types, graph)

    def _covered(self, condition: str, graph: str) -> frozenset[str]:
        facts = self.supergraph.types[condition]
        if facts.is_interface_object_in(graph):
            return self.supergraph.possible_types[condition]
        return self.supergraph.possible_types_in(condition, graph)

    def _add_field(
        self, fetch: Fetch, node: FieldNode, shape: Shape, types: frozenset[str], graph: str
    ) -> None:
        key = fetch.renames.get(_key(node), _key(node))
        name = node.name.value
        taken = {one.variable for entities in fetch.entities for one in entities.context}
        given = [a for a in node.arguments or () if not (_is_variable(a, taken))]
        meaning = Meaning(name, print_arguments(given)[0], frozenset((fetch.id,)))
        named = sorted(types or {""})
        for type_name in named:
            problem = shape.note(key, type_name, meaning)
            if problem is not None:
                self.problems.append(f"fetch {fetch.id}: {problem}")
        if node.selection_set is None:
            return
        by_runtime: dict[frozenset[str], list[str]] = {}
        for type_name in named:
            by_runtime.setdefault(self._runtime(type_name, shape, name, graph), []).append(type_name)
        for runtime, same in by_runtime.items():
            for child in shape.children(key, same, runtime):
                self._add(fetch, node.selection_set, child, child.runtime, graph)

    def _runtime(self, type_name: str, shape: Shape, name: str, graph: str) -> frozenset[str]:
        """Returns the types a field's objects can have when `graph` returns them."""
        for facts in self.supergraph.types.values():
            if facts.name == type_name or (type_name in self.supergraph.possible_types.get(facts.name, ())):
                found = facts.fields.get(name)
                join = found.joins.get(graph) if found is not None else None
                if found is None or join is None:
                    continue
                if self.supergraph.types[found.named_type].is_interface_object_in(graph):
                    return self.supergraph.possible_types[found.named_type]
                return self.supergraph.possible_types_in(join.type.strip("[]!"), graph)
        self.problems.append(f"{graph} has no field {name} on {type_name or sorted(shape.runtime)}")
        return frozenset()

    # -- comparing with the operation ----------------------------------------------------------------

    def check_asked(self, selections: Selections, shape: Shape, type_name: str) -> None:
        """Checks that everything the client asks is in the shape."""
        for asked in selections:
            if asked.name.startswith("__") and asked.name != TYPENAME:
                continue
            types = shape.runtime if asked.types is None else shape.runtime & asked.types
            for one in sorted(types):
                if asked.name == TYPENAME:
                    self._check_typename(shape, type_name, one)
                    continue
                found = shape.keys.get(asked.key, {}).get(one)
                if found is None or (found.name, found.arguments) != (asked.name, asked.arguments):
                    self.problems.append(f"the client's {one}.{asked.name} as {asked.key} is not in the plan")
                elif not all(found.fetches & self.needed[part] for part in asked.deferred or (INITIAL,)):
                    self.problems.append(f"the client's {one}.{asked.name} as {asked.key} comes too late")
            if asked.selections is not None:
                for below, one in _distinct(shape, asked.key, types):
                    named = self.supergraph.field_types.get((one, asked.name), "")
                    self.check_asked(asked.selections, below, named)

    def _check_typename(self, shape: Shape, type_name: str, one: str) -> None:
        facts = self.supergraph.types.get(type_name)
        if facts is not None and facts.is_abstract and one not in shape.keys.get(TYPENAME, {}):
            self.problems.append(f"the real type of {type_name}, asked for {one}, is not in the plan")


def _is_variable(argument: ArgumentNode, names: set[str]) -> bool:
    return isinstance(argument.value, VariableNode) and argument.value.name.value in names


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _fields(selection_set: SelectionSetNode) -> Iterable[FieldNode]:
    return (node for node in selection_set.selections if isinstance(node, FieldNode))


def _distinct(shape: Shape, key: str, types: Iterable[str]) -> list[tuple[Shape, str]]:
    """Returns the shapes under `key` for objects of the types, each once, with one of its types."""
    below = shape.below.get(key, {})
    found = {id(below[one]): (below[one], one) for one in sorted(types) if one in below}
    return list(found.values())
