"""Operations are prepared once, beside the event loop, within bounds."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, get_variable_values, parse
from graphql.language import ast
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import ClientError
from router.pipeline import prepare
from router.pipeline.planning_thread import PlanningThread
from router.pipeline.refuse import RefusedError
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.pipeline.variables import VariableCoercer
from router.supergraph import load_supergraph
from tests.support.local_subgraphs import local_federation
from tests.support.run_router import compose

SHOP = {
    "products": 'type Query { item(id: ID!): Item } type Item @key(fields: "id") { id: ID! name: String }'
}
ITEM = {"id": "1", "name": "Tapis"}
RECORDS = {"Query": {"item": "@Item:1"}, "Item:1": ITEM}
QUERY = 'query Named { item(id: "1") { id name } }'


def shop(compile_after: int | None = 1) -> Router:
    sdl = compose(SHOP).supergraph_sdl
    assert sdl is not None
    clients = local_federation(SHOP, RECORDS).subgraph_clients()
    return Router(load_supergraph(sdl), clients, compile_after=compile_after)


# -- the planning thread ------------------------------------------------------------------------------------


async def test_one_job_answers_all_who_wait_for_it_and_the_loop_goes_on() -> None:
    planning, started, may_end = PlanningThread(), asyncio.Event(), threading.Event()
    loop, calls = asyncio.get_running_loop(), []

    def job() -> int:
        calls.append(threading.current_thread().name)
        loop.call_soon_threadsafe(started.set)
        assert may_end.wait(30)
        return 7

    waiting = [asyncio.create_task(planning.run("key", job)) for _ in range(20)]
    await started.wait()  # only a loop that is free gets here
    may_end.set()
    assert await asyncio.gather(*waiting) == [7] * 20
    assert len(calls) == 1 and calls[0].startswith("planning")
    assert planning.waiting == 0


async def test_a_job_that_raises_raises_for_all_and_is_run_again_afterwards() -> None:
    planning, calls = PlanningThread(), []

    def job() -> int:
        calls.append(1)
        raise ClientError("no", "GRAPHQL_PARSE_FAILED")

    tasks = [asyncio.create_task(planning.run("key", job)) for _ in range(3)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in outcomes] == [ClientError] * 3
    with pytest.raises(ClientError):
        await planning.run("key", job)
    assert len(calls) == 2


async def test_a_waiter_that_leaves_takes_nothing_from_the_others() -> None:
    planning, may_end = PlanningThread(), threading.Event()

    def job() -> str:
        assert may_end.wait(30)
        return "made"

    leaving, staying = (asyncio.create_task(planning.run("key", job)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    may_end.set()
    assert await staying == "made"
    assert leaving.cancelled()


async def test_too_many_new_operations_are_refused_at_once() -> None:
    planning, may_end = PlanningThread(waiting_max=2), threading.Event()
    tasks = [asyncio.create_task(planning.run(key, lambda: may_end.wait(30))) for key in "ab"]
    await asyncio.sleep(0)
    with pytest.raises(ClientError) as refused:
        await planning.run("c", lambda: True)
    assert refused.value.code == "OVERLOADED"
    may_end.set()
    assert await asyncio.gather(*tasks) == [True, True]


# -- what is kept -------------------------------------------------------------------------------------------


async def test_an_operation_is_planned_once_and_compiled_when_it_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planned, compiled = [], []
    plan, compile_ = prepare.plan_operation, prepare.compile_plan
    monkeypatch.setattr(prepare, "plan_operation", lambda *a: planned.append(1) or plan(*a))
    monkeypatch.setattr(prepare, "compile_plan", lambda *a: compiled.append(1) or compile_(*a))
    router = shop()
    results = [await router.execute(GraphQLRequest(QUERY), RequestContext()) for _ in range(4)]
    assert [result.data for result in results] == [{"item": ITEM}] * 4
    assert [result.encoded is not None for result in results] == [False, True, True, True]
    assert (len(planned), len(compiled)) == (1, 1)
    await router.close()


async def test_the_caches_stay_within_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCEPTED_MAX", "PREPARED_MAX", "COMPILED_MAX"):
        monkeypatch.setattr(prepare, name, 3)
    router = shop(compile_after=0)
    for number in range(10):
        result = await router.execute(
            GraphQLRequest(f'{{ a{number}: item(id: "1") {{ id }} }}'), RequestContext()
        )
        assert result.data == {f"a{number}": {"id": "1"}}
    sizes = [one.value for one in router.readings() if one.metric.name.endswith("cache_entries")]
    assert sizes == [3, 3, 3]
    await router.close()


async def test_a_new_router_is_warmed_with_what_the_old_one_was_asked_most() -> None:
    old, new = shop(), shop()
    rare = 'query Rare { item(id: "1") { name } }'
    for query in (rare, QUERY, QUERY):
        await old.execute(GraphQLRequest(query), RequestContext())
    most_used = old.most_used(2)
    assert [one.query for one in most_used] == [QUERY, rare]
    gone = GraphQLRequest("{ nowhere }")
    assert await new.warm([*most_used, gone]) == 2
    first = await new.execute(GraphQLRequest(QUERY), RequestContext())
    assert first.encoded is not None
    await old.close()
    await new.close()


async def test_a_document_that_is_refused_is_not_kept() -> None:
    router = shop()
    for _ in range(2):
        result = await router.execute(GraphQLRequest("{ nowhere }"), RequestContext())
        assert [error.code for error in result.errors] == ["GRAPHQL_VALIDATION_FAILED"]
    assert {one.value for one in router.readings() if one.metric.name.endswith("cache_entries")} == {0}
    await router.close()


# -- variables ----------------------------------------------------------------------------------------------

SCHEMA = build_schema("""
    enum Shade { AZURE SABLE }
    input Box { width: Int! = 3, shades: [Shade!] }
    type Query { a: Int }
""")
TYPES = ("Int", "Float", "String", "ID", "Boolean", "Shade", "Box", "[Int!]")
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**33), 2**33),
    st.floats(),
    st.sampled_from(["AZURE", "1", "", "é"]),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.sampled_from(["width", "shades", "x"]), st.sampled_from([1, "AZURE"]), max_size=2),
)
DEFINITION = st.tuples(
    st.sampled_from(TYPES), st.booleans(), st.sampled_from(["", " = null"]), st.booleans(), VALUES
)


@settings(max_examples=300, deadline=None)
@given(st.lists(DEFINITION, min_size=1, max_size=3))
def test_variables_are_what_graphql_core_makes_of_them(drawn: list[tuple[str, bool, str, bool, Any]]) -> None:
    parts, values = [], {}
    for number, (type_, is_required, default, is_given, value) in enumerate(drawn):
        parts.append(f"$v{number}: {type_}{'!' if is_required else default}")
        if is_given:
            values[f"v{number}"] = value
    operation = parse(f"query({', '.join(parts)}) {{ a }}").definitions[0]
    assert isinstance(operation, ast.OperationDefinitionNode)
    assert _coerced(SCHEMA, operation, values) == _expected(SCHEMA, operation, values)


def _expected(schema: GraphQLSchema, operation: ast.OperationDefinitionNode, values: dict[str, Any]) -> Any:
    found = get_variable_values(schema, operation.variable_definitions or (), dict(values), max_errors=50)
    return [error.message for error in found] if isinstance(found, list) else repr(dict(found.coerced))


def _coerced(schema: GraphQLSchema, operation: ast.OperationDefinitionNode, values: dict[str, Any]) -> Any:
    coercer = VariableCoercer(schema, tuple(operation.variable_definitions or ()))
    try:
        found = coercer.coerce(values)
    except RefusedError as refused:
        return [error.message for error in refused.errors]
    defined = {node.variable.name.value for node in operation.variable_definitions or ()}
    assert set(found) <= defined | set(values)
    in_order = [node.variable.name.value for node in operation.variable_definitions or ()]
    return repr({name: found[name] for name in in_order if name in found})
