"""Every stage of planning an operation, printed: for people who want to see the planner think.

In: the graph and a normalised operation. Out: (stage, text) pairs in the order of the stages. It plans like
`plan_operation` does, but queries only, since mutations are series of the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from router.graph import Graph
from router.operation import Operation
from router.operation.model import print_selections
from router.plan import print_plan
from router.plan.printer import print_path
from router.planner.build.build import build_plan
from router.planner.choose.choose import choose_places
from router.planner.explain import field_path, way_of
from router.planner.fetches.grow import StepGrower
from router.planner.fetches.step import Output, Step
from router.planner.passes.merge_steps import merge_steps
from router.planner.passes.reduce_parents import reduce_parents
from router.planner.planner import walk_roots
from router.planner.walk.place import Choice, Place
from router.planner.walk.walker import Walker


def print_stages(graph: Graph, operation: Operation) -> list[tuple[str, str]]:
    """Returns what each stage makes of a query; raises PlanningError when there is no plan."""
    names = {subgraph.id: subgraph.name for subgraph in graph.supergraph.subgraphs.values()}
    fields = tuple(field for field in operation.selections if not field.name.startswith("__"))
    choices = walk_roots(Walker(graph), operation, fields)
    leaves, cost = choose_places(choices)
    grower = StepGrower(graph, operation)
    grower.grow_roots(leaves, {})
    grown = _print_steps(grower.steps, names)
    merged = reduce_parents(merge_steps(grower.steps))
    return [
        ("normalised operation", print_selections(operation.selections)),
        ("walk", "\n".join(_print_choice(choice, names) for choice in choices)),
        ("choose", "\n".join([*_print_chosen(choices, leaves, names), f"all together: {cost}"])),
        ("fetches", grown),
        ("passes", _print_steps(merged, names)),
        ("build", print_plan(build_plan(graph.supergraph, operation, merged))),
    ]


def _print_choice(choice: Choice, names: dict[str, str]) -> str:
    ways = ", ".join(f"{_print_way(place, names)} ({place.cost})" for place in choice.candidates)
    return f"{field_path(choice.candidates[0])}: {ways}"


def _print_chosen(choices: Sequence[Choice], leaves: Sequence[Place], names: dict[str, str]) -> Iterable[str]:
    for choice, leaf in zip(choices, leaves, strict=True):
        yield f"{field_path(choice.candidates[0])}: {_print_way(leaf, names)}"


def _print_way(place: Place, names: dict[str, str]) -> str:
    return " > ".join(way_of(place, names))


def _print_steps(steps: Iterable[Step], names: dict[str, str]) -> str:
    return "\n".join(_print_step(step, names) for step in steps)


def _print_step(step: Step, names: dict[str, str]) -> str:
    after = "".join(f" after {parent}" for parent in sorted(parent.id for parent in step.after))
    lines = [f"step {step.id} to {names[step.graph]}{after}"]
    if step.output is not None:
        lines.append(f"  {print_path(step.path)} {{ {_print_output(step.output)} }}")
    lines += (f"  {print_path(group.path)} {{ {_print_output(group.output)} }}" for group in step.groups)
    return "\n".join(lines)


def _print_output(output: Output) -> str:
    parts: list[str] = []
    for wanted in output.fields.values():
        types = "" if wanted.types is None else f"... on {'|'.join(sorted(wanted.types))} "
        below = "" if wanted.output is None else f" {{ {_print_output(wanted.output)} }}"
        parts.append(f"{types}{wanted.name}{wanted.arguments}{below}")
    return " ".join(parts)
