"""What operations cost, and what becomes of those that cost too much."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from router.config import DemandConfig, RateLimitsConfig, RouterConfig
from router.errors import ClientError
from router.pipeline.demand import DemandControl
from router.pipeline.demand.actual import actual_cost
from router.pipeline.demand.compile import OperationCost
from router.pipeline.guards import Guards
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.pipeline.windows.memory import MemoryWindows
from router.supergraph import load_supergraph
from tests.support.local_subgraphs import local_federation
from tests.support.run_router import compose
from tests.telemetry.serving import serve_router

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@cost", {name: "@listSize", as: "@sized"}])\n'
)
SCHEMA = (
    LINK
    + """
type Query {
  item: Item
  items: [Item!]
  few: [Item!] @sized(assumedSize: 5)
  some(first: Int, last: Int = 3): [Item!]
    @sized(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
  one(first: Int, last: Int): [Item!] @sized(assumedSize: 7, slicingArguments: ["first", "last"])
  page(first: Int): Page @sized(slicingArguments: ["first"], sizedFields: ["nodes", "edges"])
  node: Node
  dear: Item @cost(weight: 30)
  search(filter: Filter, text: String @cost(weight: 4)): Int
  grid: [[Item!]]
}
type Mutation { touch(id: ID!): Item }
interface Node { id: ID! }
input Filter { any: [Filter!] price: Int @cost(weight: 3) }
type Page { nodes: [Item!] edges: [Edge!] total: Int @cost(weight: 9) }
type Edge { node: Item cursor: String }
type Item implements Node @key(fields: "id") { id: ID! state: State parent: Item scan: Scan }
type Heavy implements Node @cost(weight: 50) { id: ID! item: Item }
scalar Scan @cost(weight: 6)
enum State @cost(weight: 2) { NEW }
"""
)
RECORDS = {
    "Query": {"item": "@Item:1", "some": ["@Item:1", "@Item:2"], "node": "@Item:1"},
    "Item:1": {"id": "1", "state": "NEW", "parent": "@Item:2"},
    "Item:2": {"id": "2", "state": "NEW", "parent": None},
}


def supergraph_sdl() -> str:
    sdl = compose({"items": SCHEMA}).supergraph_sdl
    assert sdl is not None
    return sdl


SUPERGRAPH = load_supergraph(supergraph_sdl())


def control(**settings: Any) -> DemandControl:
    config = DemandConfig.model_validate({"mode": "enforce", "list_size": 10, **settings})
    return DemandControl(config, RateLimitsConfig(), MemoryWindows(100))


def router(demand: DemandControl) -> Router:
    clients = local_federation({"items": SCHEMA}, RECORDS).subgraph_clients()
    return Router(SUPERGRAPH, clients, guards=Guards(costs=demand.over(SUPERGRAPH)))


LONGEST = {"n": 2**31 - 1}


async def cost_of(query: str, variables: Mapping[str, Any] | None = None) -> int:
    demand = control(mode="measure") if variables == LONGEST else control(max_cost=1_000_000_000)
    made = router(demand)
    try:
        accepted = made._preparer.accept(query, None)
        coerced = accepted.variables.coerce(variables or {})
        cost = made._preparer.prepare(accepted, {}).cost
        assert cost is not None
        return await demand.check(cost, GraphQLRequest(query), RequestContext(), coerced)
    finally:
        await made.close()


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ __typename }", 0),
        ("{ item { id } }", 1),
        ("{ item { id id again: id } }", 1),  # what is asked twice is answered once
        ("{ a: item { id } b: item { id } }", 2),
        ("{ item { state scan } }", 1 + 2 + 6),
        ("{ item { parent { parent { id } } } }", 3),
        ("{ items { id parent { id } } }", 10 * 2),
        ("{ few { id } }", 5),
        ("{ some(first: 40) { id } }", 40),
        ("{ some(first: 2) { id } }", 3),  # the default of `last` is a slice, too
        ("{ some(first: -7, last: 1) { id } }", 1),
        ("{ one(first: 4) { id } }", 4),
        ("{ page(first: 50) { nodes { id } total } }", 1 + 50 + 9),
        ("{ page(first: 50) { edges { node { id } } } }", 1 + 50 * 2),
        ("{ page(first: 2) { edges { node { id } } nodes { id } } }", 1 + 2 * 2 + 2),
        ("{ node { id } }", 50),  # it may be a Heavy
        ("{ node { ... on Item { parent { id } } ... on Heavy { item { parent { id } } } } }", 50 + 2),
        ("{ dear { id } }", 30),
        ('{ search(text: "x") }', 4),
        ("{ search(filter: { price: 1 }) }", 1 + 3),
        ("{ search(filter: { any: [{ price: 1 }, { any: [] }] }) }", 1 + (1 + 3) + 1),
        ("{ grid { id } }", 10 * 10),
        ('mutation { touch(id: "1") { id } }', 10 + 1),
    ],
)
async def test_the_cost_is_what_the_weights_say(query: str, cost: int) -> None:
    assert await cost_of(query) == cost


@pytest.mark.parametrize(
    ("variables", "cost"),
    [({"n": 100}, 1 + 100), ({"n": 0}, 1), ({"n": -3}, 1), ({"n": None}, 1 + 10), ({}, 1 + 10)],
)
async def test_the_cost_is_a_function_of_the_variables(variables: Mapping[str, Any], cost: int) -> None:
    query = "query ($n: Int) { page(first: $n) { nodes { id } } }"
    if variables.get("n") is None:
        with pytest.raises(ClientError, match=r"Query\.page needs exactly one of its arguments first"):
            await cost_of(query, variables)
        return
    assert await cost_of(query, variables) == cost


async def test_input_objects_in_variables_cost_what_they_hold() -> None:
    query = "query ($f: Filter) { search(filter: $f) }"
    assert await cost_of(query, {"f": {"any": [{"price": 1}, {"price": 2}]}}) == 1 + 2 * 4
    assert await cost_of(query, {"f": None}) == 0


async def test_a_number_beyond_any_list_is_still_a_number() -> None:
    assert await cost_of("query ($n: Int) { page(first: $n) { nodes { id } } }", LONGEST) == 2**31


def test_the_actual_cost_is_of_what_was_answered() -> None:
    demand = control()
    made = router(demand)
    query = '{ some(first: 40) { state parent { id } } search(text: "x") }'
    cost = made._preparer.prepare(made._preparer.accept(query, None), {}).cost
    assert isinstance(cost, OperationCost)
    items = [{"state": "NEW", "parent": {"id": "2"}}, {"state": None, "parent": None}, None]
    assert actual_cost({"some": items, "search": 3}, cost.shape) == (1 + 2 + 1) + 1
    made._preparer.close()


async def run(demand: DemandControl, query: str, **headers: str) -> dict[str, Any]:
    made = router(demand)
    try:
        context = RequestContext({name.replace("_", "-"): value for name, value in headers.items()})
        return (await made.execute(GraphQLRequest(query), context)).to_map()
    finally:
        await made.close()


SOME = "{ some(first: 40) { id } }"


async def test_what_is_too_dear_is_refused_before_anything_runs() -> None:
    answer = await run(control(max_cost=39), SOME)
    assert "data" not in answer
    assert answer["errors"] == [
        {
            "message": "The operation's estimated cost, 40, is above 39",
            "extensions": {"cost": {"estimated": 40, "max": 39}, "code": "COST_ESTIMATED_TOO_EXPENSIVE"},
        }
    ]
    assert "data" in await run(control(max_cost=40), SOME)


async def test_measuring_refuses_nothing_and_counts_what_it_would() -> None:
    demand = control(mode="measure", max_cost=1, budgets=[{"name": "b", "by": ["operation"], "cost": 1}])
    for query in (SOME, "{ one { id } }"):
        assert "data" in await run(demand, query)
    refused = {one.labels[0]: one.value for one in demand.readings() if one.labels}
    assert refused == {"operation": 2, "slicing": 1, "b": 2}


async def test_a_viewer_has_a_budget_over_all_operations() -> None:
    demand = control(budgets=[{"name": "viewers", "by": ["viewer"], "cost": 100, "window_s": 3_600}])
    answers = [await run(demand, SOME, authorization="Bearer a") for _ in range(3)]
    assert ["data" in one for one in answers] == [True, True, False]
    refusal = answers[2]["errors"][0]
    assert refusal["extensions"]["code"] == "COST_BUDGET_EXCEEDED"
    assert refusal["extensions"]["retryAfterSeconds"] > 0
    assert "data" in await run(demand, SOME, authorization="Bearer b")
    assert "data" in await run(demand, "{ item { id } }", authorization="Bearer a")


async def test_who_asks_is_told_the_cost_where_that_is_allowed() -> None:
    demand = control(show=True, actual=True)
    told = await run(demand, SOME, x_zellige_cost="1")
    assert told["extensions"] == {"cost": {"estimated": 40, "actual": 2, "max": 10_000, "mode": "enforce"}}
    assert "extensions" not in await run(demand, SOME)
    assert "extensions" not in await run(control(), SOME, x_zellige_cost="1")


async def test_the_whole_router_answers_429_400_and_logs_the_cost(log_lines: io.StringIO) -> None:
    demand = {"mode": "enforce", "max_cost": 30, "budgets": [{"name": "ip", "by": ["ip"], "cost": 25}]}
    async with serve_router(RouterConfig.model_validate({"demand": demand})) as shop:
        accept = "application/graphql-response+json"
        dear = await shop.post({"query": "{ products { reviews { id } } }"}, accept=accept)
        assert (dear.status, dear.codes) == (400, ["COST_ESTIMATED_TOO_EXPENSIVE"])
        statuses = [(await shop.post({"query": "{ products { id } }"}, accept=accept)) for _ in range(2)]
        assert [one.status for one in statuses] == [200, 429]
        assert statuses[1].codes == ["COST_BUDGET_EXCEEDED"]
        assert int(statuses[1].headers["retry-after"]) > 0
    costs = [json.loads(line).get("cost") for line in log_lines.getvalue().splitlines()]
    assert [one for one in costs if one is not None] == [420, 20, 20]
