"""Plans and timings for tools, by header, and only where they are permitted."""

from __future__ import annotations

import json
from typing import Any

from router.config import GraphiqlConfig, InspectionConfig, RouterConfig, ServerConfig, TelemetryConfig
from tests.telemetry.serving import serve_router

SHELF = "query Shelf { products(first: 2) { name stock reviews { text author { email } } } }"
PERMITTED = RouterConfig(server=ServerConfig(graphiql=GraphiqlConfig(enabled=True)))
FORBIDDEN = RouterConfig(server=ServerConfig(graphiql=GraphiqlConfig(enabled=False)))


def check_times(trace: dict[str, Any]) -> None:
    for fetch in trace["fetches"]:
        assert 0 < fetch["startMs"] <= fetch["endMs"] <= trace["totalMs"]


async def test_a_traced_request_shows_its_plan_and_when_each_fetch_ran() -> None:
    async with serve_router(PERMITTED) as shop:
        plain = (await shop.post({"query": SHELF})).json
        traced = (await shop.post({"query": SHELF}, x_zellige_trace="1")).json
    assert "extensions" not in plain
    assert traced["data"] == plain["data"]
    trace = traced["extensions"]["zellige"]
    assert next(fetch["service"] for fetch in trace["plan"]["fetches"]) == "products"
    by_id = {fetch["id"]: fetch for fetch in trace["fetches"]}
    assert set(by_id) == {fetch["id"] for fetch in trace["plan"]["fetches"]}
    check_times(trace)
    for step in trace["plan"]["fetches"]:
        for before in step["after"]:
            assert by_id[before]["endMs"] <= by_id[step["id"]]["startMs"]
        assert by_id[step["id"]]["service"] == step["service"]
        assert by_id[step["id"]]["bytes"] > 0
    inventory = next(fetch for fetch in trace["fetches"] if fetch["service"] == "inventory")
    assert (inventory["entities"], inventory["error"], inventory["cache"]) == (3, None, None)
    # The plain request before has filled the cache of plans.
    assert trace["planningMs"] == 0


async def test_planning_is_timed_when_it_happens() -> None:
    async with serve_router(PERMITTED) as shop:
        trace = (await shop.post({"query": SHELF}, x_zellige_trace="1")).json["extensions"]["zellige"]
    assert trace["planningMs"] > 0
    assert [phase["name"] for phase in trace["phases"]][:2] == ["parse", "validate"]


async def test_errors_are_shown_at_their_fetch() -> None:
    async with serve_router(PERMITTED, dead=("reviews",)) as shop:
        answer = await shop.post(
            {"query": "{ products { name broken rating } product(id: 1) { stock } }"}, x_zellige_trace="1"
        )
    trace = answer.json["extensions"]["zellige"]
    errors = {fetch["service"]: fetch["error"] for fetch in trace["fetches"]}
    assert errors == {
        "products": "DOWNSTREAM_SERVICE_ERROR",
        "inventory": None,
        "reviews": "SUBGRAPH_UNREACHABLE",
    }


async def test_the_plan_alone_is_answered_without_asking_a_subgraph() -> None:
    async with serve_router(PERMITTED) as shop:
        answer = await shop.post({"query": SHELF}, x_zellige_plan="only")
        assert answer.status == 200
        assert answer.json["data"] is None
        plan = answer.json["extensions"]["zellige"]["plan"]
        refused = await shop.post({"query": "{ nothing }"}, x_zellige_plan="only")
        mutation = "mutation { restock(product: 1, quantity: 3) }"
        assert (await shop.post({"query": mutation}, x_zellige_plan="only")).status == 200
        assert shop.seen == []
    assert next(fetch["service"] for fetch in plan["fetches"]) == "products"
    assert refused.codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert "extensions" not in refused.json


async def test_nothing_is_shown_where_it_is_not_permitted() -> None:
    explicit = RouterConfig(telemetry=TelemetryConfig(inspection=InspectionConfig(enabled=False)))
    for config in (FORBIDDEN, explicit):
        async with serve_router(config) as shop:
            traced = await shop.post({"query": SHELF}, x_zellige_trace="1", x_zellige_plan="only")
        assert "extensions" not in traced.json
        # It ran as any request: a tool's header changes nothing for who may not use it.
        assert traced.json["data"]["products"]
        assert shop.seen


async def test_permission_does_not_need_graphiql() -> None:
    permitted = FORBIDDEN.model_copy(
        update={"telemetry": TelemetryConfig(inspection=InspectionConfig(enabled=True))}
    )
    async with serve_router(permitted) as shop:
        traced = await shop.post({"query": SHELF}, x_zellige_trace="1")
    assert traced.json["extensions"]["zellige"]["plan"]


async def test_an_answer_in_parts_carries_its_trace_in_the_last_part() -> None:
    query = "{ products { name ... @defer { reviews { text } } } }"
    async with serve_router(PERMITTED) as shop:
        answer = await shop.post(
            {"query": query},
            accept="multipart/mixed;deferSpec=20220824, application/json",
            x_zellige_trace="1",
        )
    bodies = [
        json.loads(line)
        for line in answer.body.decode().splitlines()
        if line.startswith("{") and line.endswith("}")
    ]
    assert [body["hasNext"] for body in bodies] == [True] * (len(bodies) - 1) + [False]
    assert ["extensions" in body for body in bodies] == [False] * (len(bodies) - 1) + [True]
    trace = bodies[-1]["extensions"]["zellige"]
    check_times(trace)
    assert {fetch["service"] for fetch in trace["fetches"]} == {"products", "reviews"}
