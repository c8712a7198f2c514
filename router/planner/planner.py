"""The planner's whole story: an operation in, a plan out."""

from __future__ import annotations

from router.errors import PlanningError
from router.graph import Graph
from router.operation import Field, Operation
from router.operation.model import TYPENAME
from router.plan import Plan
from router.planner.build.build import build_plan
from router.planner.choose.choose import choose_places
from router.planner.explain import PlanTrace
from router.planner.fetches.grow import StepGrower
from router.planner.fetches.step import Step
from router.planner.passes.merge_steps import merge_steps
from router.planner.passes.reduce_parents import reduce_parents
from router.planner.walk.place import Choice, Place
from router.planner.walk.position import Position
from router.planner.walk.walker import Unreachable, Walker


def plan_operation(graph: Graph, operation: Operation, trace: PlanTrace | None = None) -> Plan:
    """Returns the plan of a normalised operation; raises PlanningError when there is none.

    With a `trace`, what was decided is written down there, for `explain_plan`.

    Walk the operation for the places that can answer each leaf, choose among them, grow fetch steps along
    the chosen ones, merge steps, build the plan.
    """
    fields = tuple(field for field in operation.selections if not field.name.startswith("__"))
    grower = StepGrower(graph, operation)
    if operation.kind == "query":
        choices = walk_roots(Walker(graph), operation, fields)
        leaves, _ = choose_places(choices)
        if trace is not None:
            trace.note(choices, leaves)
        grower.grow_roots(leaves, {})
    else:
        _grow_in_series(graph, operation, fields, grower, trace)
    steps = reduce_parents(merge_steps(grower.steps))
    if trace is not None:
        trace.steps, trace.opened = steps, grower.opened
    return build_plan(graph.supergraph, operation, steps)


def walk_roots(
    walker: Walker, operation: Operation, fields: tuple[Field, ...], only: str | None = None
) -> list[Choice]:
    """Returns the choices for root fields, from every subgraph's root or from that of `only`.

    Raises PlanningError when a field has none.
    """
    roots = [node for node in walker.graph.roots(operation.kind) if only is None or node.graph == only]
    position = Position(Place.at_root(node) for node in roots)
    try:
        return walker.walk(position, fields)
    except Unreachable as unreachable:
        raise PlanningError(
            f"No plan answers this operation: {unreachable} cannot be reached from where it is asked."
        ) from unreachable


def _grow_in_series(
    graph: Graph,
    operation: Operation,
    fields: tuple[Field, ...],
    grower: StepGrower,
    trace: PlanTrace | None,
) -> None:
    """Adds the root fields of a mutation one after another; neighbours of one subgraph share a request."""
    walker = Walker(graph)
    last: Step | None = None
    for field in fields:
        if field.name == TYPENAME:
            continue
        subgraph, choices, leaves = _choose_subgraph(walker, operation, field)
        if trace is not None:
            trace.note(choices, leaves)
        if last is None or last.graph != subgraph:
            before = tuple(step for step in grower.steps if not step.deferred)
            last = grower.open_root(subgraph, before)
        grower.grow_roots(leaves, {(subgraph, last.deferred): last})


def _choose_subgraph(
    walker: Walker, operation: Operation, field: Field
) -> tuple[str, list[Choice], tuple[Place, ...]]:
    """Returns the subgraph that runs a mutation field: one alone, since it must not run twice."""
    best: tuple[int, str, list[Choice], tuple[Place, ...]] | None = None
    failure: PlanningError | None = None
    for node in walker.graph.roots(operation.kind):
        try:
            choices = walk_roots(walker, operation, (field,), node.graph)
        except PlanningError as error:
            failure = error
            continue
        leaves, cost = choose_places(choices)
        if best is None or (cost, node.graph) < best[:2]:
            best = (cost, node.graph, choices, leaves)
    if best is None:
        raise failure or PlanningError(f"No subgraph answers {operation.root_type}.{field.name}.")
    return best[1:]
