"""Identical queries at the same time: one execution, and to each client an answer of its own."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Coroutine
from typing import Any

from router.config import CompressionConfig, ServerConfig
from router.telemetry.catalogue import SHARED, SHARED_WAITING, Metric
from tests.server.serving import DEADLINE_S, HttpAnswer, Served, request_bytes, serve
from tests.support.processes import wait_until_async

SLOW = {"query": "{ slow tiles { id } }"}
JSON = {"content-type": "application/json"}
FOREVER = 10 * DEADLINE_S


async def begin(served: Served, *asked: Coroutine[Any, Any, HttpAnswer]) -> list[asyncio.Task[HttpAnswer]]:
    """Sends requests and returns once all of them wait for an execution."""
    before = waiting(served)
    tasks = [asyncio.create_task(one) for one in asked]
    await wait_until_async(lambda: waiting(served) == before + len(asked))
    return tasks


async def finish(served: Served, tasks: list[asyncio.Task[HttpAnswer]]) -> list[HttpAnswer]:
    """Lets the executions end and returns the answers."""
    served.router.slow_released.set()
    async with asyncio.timeout(DEADLINE_S):
        return await asyncio.gather(*tasks)


def reading(served: Served, metric: Metric) -> float:
    assert served.in_flight is not None
    return next(one.value for one in served.in_flight.readings() if one.metric is metric)


def waiting(served: Served) -> float:
    return reading(served, SHARED_WAITING)


async def test_identical_queries_share_one_execution() -> None:
    async with serve(shares=True, slow_seconds=FOREVER) as served:
        tasks = await begin(served, *(served.post(SLOW, x_request_id=f"r{n}") for n in range(5)))
        answers = await finish(served, tasks)
        assert served.router.slow_outcomes == ["finished"]
        assert {answer.body for answer in answers} == {answers[0].body}
        assert answers[0].json["data"]["slow"] == "done"
        assert [answer.headers["x-request-id"] for answer in answers] == [f"r{n}" for n in range(5)]
        assert reading(served, SHARED) == 4
        # What has ended is not joined: the next one is executed by itself.
        assert (await served.post(SLOW)).status == 200
        assert served.router.slow_outcomes == ["finished", "finished"]


async def test_each_answer_with_errors_has_its_own_request_id() -> None:
    async with serve(shares=True, slow_seconds=FOREVER) as served:
        query = {"query": "{ slow broken }"}
        tasks = await begin(served, *(served.post(query, x_request_id=f"r{n}") for n in range(3)))
        answers = await finish(served, tasks)
        assert served.router.slow_outcomes == ["finished"]
        found = [answer.json["errors"][0]["extensions"]["requestId"] for answer in answers]
        assert found == ["r0", "r1", "r2"]
        assert [answer.json["data"] for answer in answers] == [{"slow": "done", "broken": None}] * 3


async def test_other_credentials_variables_or_names_are_executed_apart() -> None:
    async with serve(shares=True, slow_seconds=FOREVER) as served:
        named = {"query": "query A { slow } query B { slow }"}
        tasks = await begin(
            served,
            served.post(SLOW),
            served.post(SLOW, authorization="Bearer one"),
            served.post(SLOW, authorization="Bearer two"),
            served.post(SLOW, cookie="session=1"),
            served.post(SLOW, accept_language="ar"),
            served.post({**SLOW, "variables": {"a": 1}}),
            served.post({**named, "operationName": "A"}),
            served.post({**named, "operationName": "B"}),
            served.post(SLOW, user_agent="does not matter"),
        )
        await finish(served, tasks)
        assert served.router.slow_outcomes == ["finished"] * 8


async def test_mutations_are_never_shared() -> None:
    async with serve(shares=True) as served:
        rename = {"query": 'mutation { rename(id: "t1", name: "x") { id } }'}
        await asyncio.gather(*(served.post(rename) for _ in range(4)))
        assert len(served.router.contexts) == 4


async def test_a_query_after_a_mutation_joins_nothing_begun_before_it() -> None:
    async with serve(shares=True, slow_seconds=FOREVER) as served:
        old = await begin(served, served.post(SLOW))
        await served.post({"query": 'mutation { rename(id: "t1", name: "x") { id } }'})
        new = await begin(served, served.post(SLOW), served.post(SLOW))
        await finish(served, [*old, *new])
        assert served.router.slow_outcomes == ["finished", "finished"]


async def test_whoever_stays_executes_anew_when_the_first_leaves() -> None:
    async with serve(shares=True, slow_seconds=FOREVER) as served:
        connections = []
        for _ in range(2):
            _, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(request_bytes("POST", "/graphql", JSON, b'{"query": "{ slow }"}'))
            connections.append(writer)
        await wait_until_async(lambda: waiting(served) == 2)
        connections[0].close()
        await wait_until_async(lambda: waiting(served) == 1)
        assert served.router.slow_outcomes == ["cancelled"]
        connections[1].close()
        await wait_until_async(lambda: served.router.slow_outcomes == ["cancelled"] * 2)
        # Nobody joins what is being cancelled.
        served.router.slow_released.set()
        assert (await served.post({"query": "{ slow }"})).json == {"data": {"slow": "done"}}


async def test_whoever_follows_the_one_who_executes_anew_gets_its_result() -> None:
    async with serve(shares=True, slow_seconds=FOREVER) as served:
        _, leaving = await asyncio.open_connection("127.0.0.1", served.port)
        leaving.write(request_bytes("POST", "/graphql", JSON, b'{"query": "{ slow tiles { id } }"}'))
        await wait_until_async(lambda: waiting(served) == 1)
        tasks = await begin(served, *(served.post(SLOW) for _ in range(3)))
        leaving.close()
        await wait_until_async(lambda: waiting(served) == 3)
        answers = await finish(served, tasks)
        assert [answer.json["data"]["slow"] for answer in answers] == ["done"] * 3
        assert served.router.slow_outcomes == ["cancelled", "finished"]
        assert reading(served, SHARED) == 2


async def test_a_fault_reaches_everyone_masked() -> None:
    async with serve(shares=True, slow_seconds=FOREVER) as served:
        crashes = {"query": "{ crash }"}
        answers = await asyncio.gather(*(served.post(crashes, x_request_id=f"r{n}") for n in range(3)))
        assert [answer.status for answer in answers] == [500] * 3
        assert [a.json["errors"][0]["extensions"]["requestId"] for a in answers] == ["r0", "r1", "r2"]
        assert all("hunter2" not in answer.body.decode() for answer in answers)


async def test_a_shared_answer_is_compressed_for_those_who_want_it() -> None:
    config = ServerConfig(compression=CompressionConfig(min_bytes=1, thread_min_bytes=1))
    async with serve(config, shares=True, slow_seconds=FOREVER) as served:
        tasks = await begin(
            served,
            served.post(SLOW, accept_encoding="gzip"),
            served.post(SLOW),
            served.post(SLOW, accept_encoding="gzip"),
        )
        one, plain, other = await finish(served, tasks)
        assert served.router.slow_outcomes == ["finished"]
        assert one.body == other.body
        assert gzip.decompress(one.body) == plain.body
