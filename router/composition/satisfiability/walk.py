"""Walks every state an operation can produce, and finds the fields that nothing reaches there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from router.composition.merge.model import MergedField, MergedSchema, MergedType
from router.composition.options import CompositionOptions
from router.composition.satisfiability.reach import Nodes, Options, Reach, common_types
from router.composition.satisfiability.reasons import explain
from router.composition.satisfiability.witness import Step, print_witness


class StatesExceededError(Exception):
    """The walk met more states than the options allow, or this many ways to reach one type at once."""

    def __init__(self, states_max: int, ways: int, type_name: str) -> None:
        super().__init__(states_max, ways, type_name)
        self.states_max = states_max
        self.ways = ways
        self.type_name = type_name


@dataclass(frozen=True, slots=True)
class State:
    """An object type, the nodes its object may stand in, and the steps of an operation that led there."""

    type_name: str
    nodes: Nodes
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A field that no subgraph can be asked for in a state."""

    field: MergedField
    witness: str
    reasons: tuple[str, ...]

    @property
    def coordinate(self) -> str:
        return self.field.coordinate


class Walk:
    """One walk over the API schema under one set of override labels."""

    def __init__(self, schema: MergedSchema, reach: Reach, options: CompositionOptions) -> None:
        self.schema = schema
        self.reach = reach
        self.states_max = options.satisfiability_states_max
        self.nodes_max = options.subgraph_paths_max
        self.progress = options.progress
        self.states = 0
        self.shared: set[str] = set()
        self._walked: dict[str, list[Nodes]] = {}

    def run(self) -> Iterator[Unreachable]:
        """Every unreachable field with its first witness, breadth first, so that witnesses are short."""
        for kind, root in self.reach.graph.supergraph.root_types.items():
            nodes = frozenset(self.reach.graph.roots(kind))
            state = State(root, nodes, ())
            if kind == "mutation":
                yield from self._run_mutations(state)
            else:
                yield from self._run_from(state)

    def _run_from(self, start: State) -> Iterator[Unreachable]:
        waiting = deque([start])
        while waiting:
            state = waiting.popleft()
            closure = self.reach.closure(state.type_name, state.nodes)
            if not self._is_new(state.type_name, closure):
                continue
            for field, step, options in self._fields(state, closure):
                if options.is_possible:
                    waiting.extend(self._next_states(state, step, options.targets))
                else:
                    yield self._unreachable(state, field, step, closure)

    def _run_mutations(self, root: State) -> Iterator[Unreachable]:
        # A mutation has to run exactly once, so what one subgraph returns must do for everything below it.
        for field, step, options in self._fields(root, root.nodes):
            if not options.is_possible:
                yield self._unreachable(root, field, step, root.nodes)
                continue
            found: list[Unreachable] = []
            for target in sorted(options.targets, key=lambda node: node.graph):
                attempt = [
                    problem
                    for state in self._next_states(root, step, frozenset((target,)))
                    for problem in self._run_from(state)
                ]
                if not attempt:
                    found = []
                    break
                self._walked.clear()
                found = found or attempt
            yield from found

    def _fields(self, state: State, closure: Nodes) -> Iterator[tuple[MergedField, Step, Options]]:
        merged = self.schema.types[state.type_name]
        for field in merged.fields.values():
            if self._is_visible(field):
                options = self._options(merged, field, closure)
                yield field, Step(state.type_name, field), options

    def _is_visible(self, field: MergedField) -> bool:
        return not self.schema.hides(field)

    def _options(self, merged: MergedType, field: MergedField, closure: Nodes) -> Options:
        return self.reach.options(merged.name, closure, field.name)

    def _next_states(self, state: State, step: Step, targets: Nodes) -> Iterator[State]:
        if len({node.graph for node in targets}) > 1:
            self.shared.add(step.field.coordinate)
        for name in common_types(targets):
            if not self.schema.hides(self.schema.types[name]):
                yield State(name, self.reach.narrowed(targets, name), (*state.steps, step))

    def _is_new(self, type_name: str, closure: Nodes) -> bool:
        walked = self._walked.setdefault(type_name, [])
        if any(smaller <= closure for smaller in walked):
            return False
        walked.append(closure)
        self.states += 1
        self.progress("reaching every field", self.states, 0)
        if self.states > self.states_max or len(closure) > self.nodes_max:
            raise StatesExceededError(self.states_max, len(closure), type_name)
        return True

    def _unreachable(self, state: State, field: MergedField, step: Step, closure: Nodes) -> Unreachable:
        witness = print_witness((*state.steps, step), self.schema)
        reasons = explain(self.schema, self.reach, state.type_name, field, closure)
        return Unreachable(field, witness, tuple(reasons))
