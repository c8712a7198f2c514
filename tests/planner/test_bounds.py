"""What planning costs is bounded: many implementations stay few fetches, and a search too long is refused."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from graphql import get_operation_ast, parse

from router.errors import PlanningError
from router.graph import Graph
from router.operation import Operation, normalize_operation
from router.plan import Plan
from router.planner import plan_operation
from router.planner.check import check_plan
from router.planner.planner import walk_roots
from router.planner.walk.walker import Walker
from router.supergraph import Supergraph, load_supergraph
from tests.support.run_router import compose

IMPLEMENTATIONS = 70
SUBGRAPHS = 5
NESTING = 4

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])\n'


@cache
def many_implementations() -> Supergraph:
    """An interface of seventy types; four more subgraphs each add a field to most of them."""
    subgraphs: dict[str, str] = {}
    for number in range(SUBGRAPHS):
        shared = "next: Node name: String" if number == 0 else ""
        query = "type Query { nodes: [Node] }\n" if number == 0 else ""
        types = [
            f'type T{index} implements Node @key(fields: "id") '
            f"{{ id: ID! {shared} own{number}_{index}: Int }}"
            for index in range(IMPLEMENTATIONS)
            if number == 0 or index % SUBGRAPHS != number
        ]
        interface = f"interface Node {{ id: ID! {shared} }}\n"
        subgraphs[f"s{number}"] = LINK + query + interface + "\n".join(types)
    return load_supergraph(compose(subgraphs).supergraph_sdl or "")


def every_field(depth: int) -> str:
    """Returns the selection of every field of every type, nested `depth` times."""
    fragments = " ".join(
        f"... on T{index} {{ own{number}_{index} }}"
        for index in range(IMPLEMENTATIONS)
        for number in range(SUBGRAPHS)
        if number == 0 or index % SUBGRAPHS != number
    )
    return f"id {fragments} next {{ {every_field(depth - 1)} }}" if depth else "id"


def normalized(supergraph: Supergraph, query: str) -> Operation:
    document = parse(query)
    node = get_operation_ast(document)
    assert node is not None
    return normalize_operation(supergraph, document, node, {})


def planned(supergraph: Supergraph, query: str) -> Plan:
    operation = normalized(supergraph, query)
    plan = plan_operation(Graph(supergraph), operation)
    assert check_plan(supergraph, operation, plan) == []
    return plan


@pytest.mark.parametrize("depth", range(1, NESTING + 1))
def test_seventy_implementations_cost_a_fetch_for_each_subgraph_however_deep(depth: int) -> None:
    plan = planned(many_implementations(), f"{{ nodes {{ {every_field(depth)} }} }}")
    assert sorted(fetch.service for fetch in plan.fetches) == [f"s{number}" for number in range(SUBGRAPHS)]
    assert len(plan.levels()) == 2


def test_the_steps_of_the_search_grow_with_the_operation_not_with_its_combinations() -> None:
    supergraph = many_implementations()
    steps = []
    for depth in range(1, NESTING + 1):
        operation = normalized(supergraph, f"{{ nodes {{ {every_field(depth)} }} }}")
        walker = Walker(Graph(supergraph))
        before = walker.steps_left
        walk_roots(walker, operation, operation.selections)
        steps.append(before - walker.steps_left)
    growth = [after - before for before, after in pairwise(steps)]
    assert max(growth) <= 1.1 * min(growth)


def test_an_operation_beyond_the_limit_of_steps_is_refused_with_a_code() -> None:
    supergraph = many_implementations()
    operation = normalized(supergraph, f"{{ nodes {{ {every_field(2)} }} }}")
    with pytest.raises(PlanningError) as refused:
        walk_roots(Walker(Graph(supergraph), steps_max=100), operation, operation.selections)
    assert refused.value.code == "QUERY_PLAN_LIMIT_EXCEEDED"


def test_fragments_that_unfold_beyond_the_limit_are_refused_with_a_code() -> None:
    levels = 16
    fragments = "\n".join(
        f"fragment F{level} on Node {{ a: next {{ ...F{level + 1} }} b: next {{ ...F{level + 1} }} }}"
        for level in range(levels)
    )
    query = f"{{ nodes {{ ...F0 }} }}\n{fragments}\nfragment F{levels} on Node {{ id }}"
    with pytest.raises(PlanningError) as refused:
        normalized(many_implementations(), query)
    assert refused.value.code == "QUERY_PLAN_LIMIT_EXCEEDED"
