"""Load shedding: a turn for those who can be served, 503 at once for the others, probes always answered."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable

from router.config import ServerConfig, SheddingConfig
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.result import GraphQLResult
from router.server.app import RouterApp, create_app
from router.server.concurrency_limit import SAMPLES_MIN, WINDOW_S, ConcurrencyLimit
from router.telemetry.catalogue import (
    ADMISSION_LIMIT,
    ADMISSION_RUNNING,
    ADMISSION_SHED,
    ADMISSION_WAITING,
    Metric,
)
from tests.server.serving import DEADLINE_S, HttpAnswer, Served, listen, request_bytes, serve
from tests.support.processes import wait_until_async

SLOW = {"query": "{ slow }"}
JSON = {"content-type": "application/json"}
FOREVER = 10 * DEADLINE_S
FOREVER_MS = FOREVER * 1000


def two_at_once(**changes: int) -> ServerConfig:
    bounds = {"min_concurrency": 2, "max_concurrency": 2, "queue_max": 1, "queue_wait_ms_max": FOREVER_MS}
    return ServerConfig(shedding=SheddingConfig.model_validate({**bounds, **changes}))


def reading(app: RouterApp | None, metric: Metric) -> float:
    assert app is not None
    return next(one.value for one in app.admission.readings() if one.metric is metric)


async def fill(served: Served, count: int) -> list[asyncio.Task[HttpAnswer]]:
    """Sends slow requests and returns once all of them run or wait."""
    tasks = [asyncio.create_task(served.post(SLOW)) for _ in range(count)]
    app = served.app
    await wait_until_async(lambda: reading(app, ADMISSION_RUNNING) + reading(app, ADMISSION_WAITING) == count)
    return tasks


async def test_beyond_limit_and_queue_requests_are_shed_at_once() -> None:
    async with serve(two_at_once(retry_after_s=7), slow_seconds=FOREVER) as served:
        tasks = await fill(served, 3)
        shed = await served.post(SLOW)
        assert (shed.status, shed.codes) == (503, ["OVERLOADED"])
        assert shed.headers["retry-after"] == "7"
        assert (await served.send("GET", "/health")).status == 200
        assert (await served.send("GET", "/health/ready")).status == 200
        served.router.slow_released.set()
        assert [answer.status for answer in await asyncio.gather(*tasks)] == [200, 200, 200]
        assert reading(served.app, ADMISSION_SHED) == 1
        assert reading(served.app, ADMISSION_RUNNING) == 0


async def test_who_waits_too_long_is_shed() -> None:
    async with serve(two_at_once(queue_wait_ms_max=50), slow_seconds=FOREVER) as served:
        tasks = await fill(served, 2)
        shed = await served.post(SLOW)
        assert (shed.status, shed.codes) == (503, ["OVERLOADED"])
        assert len(served.router.contexts) == 2
        served.router.slow_released.set()
        await asyncio.gather(*tasks)


async def test_a_client_that_leaves_the_queue_gives_up_its_place() -> None:
    async with serve(two_at_once(), slow_seconds=FOREVER) as served:
        tasks = await fill(served, 2)
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(request_bytes("POST", "/graphql", JSON, b'{"query": "{ slow }"}'))
        await wait_until_async(lambda: reading(served.app, ADMISSION_WAITING) == 1)
        writer.close()
        await wait_until_async(lambda: reading(served.app, ADMISSION_WAITING) == 0)
        last = asyncio.create_task(served.post(SLOW))
        await wait_until_async(lambda: reading(served.app, ADMISSION_WAITING) == 1)
        served.router.slow_released.set()
        assert [answer.status for answer in await asyncio.gather(*tasks, last)] == [200, 200, 200]
        assert len(served.router.contexts) == 3


async def test_without_shedding_everything_runs_at_once() -> None:
    config = ServerConfig(
        shedding=SheddingConfig(enabled=False, min_concurrency=1, max_concurrency=1, queue_max=0)
    )
    async with serve(config, slow_seconds=FOREVER) as served:
        tasks = await fill(served, 20)
        assert len(served.router.contexts) == 20
        served.router.slow_released.set()
        assert {answer.status for answer in await asyncio.gather(*tasks)} == {200}


class Busy:
    """A router whose every operation keeps the processor busy while `burns`, and then yields."""

    burns = True

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        for _ in range(10):
            if self.burns:
                time.sleep(0.005)  # noqa: ASYNC251 - a processor that is busy is what is tested
            await asyncio.sleep(0)
        return GraphQLResult({"answered": f"{request.query} for {context.request_id}"})

    async def execute_in_parts(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        return await self.execute(request, context)


async def test_the_limit_falls_while_the_process_is_behind_and_rises_again() -> None:
    shedding = SheddingConfig(
        min_concurrency=3, max_concurrency=40, lag_ms_target=20, queue_wait_ms_max=FOREVER_MS
    )
    busy = Busy()
    app = create_app(busy, ServerConfig(shedding=shedding), is_ready=lambda: True)
    async with listen(app) as port:
        served = Served(port)
        limits = {reading(app, ADMISSION_LIMIT)}
        assert limits == {40}

        async def keep_asking() -> None:
            while True:
                assert (await served.post(SLOW)).status == 200

        asking = [asyncio.create_task(keep_asking()) for _ in range(30)]
        try:
            await wait_until_async(lambda: reading(app, ADMISSION_LIMIT) < 10)
            assert reading(app, ADMISSION_LIMIT) >= 3
            low = reading(app, ADMISSION_LIMIT)
            busy.burns = False
            await wait_until_async(lambda: reading(app, ADMISSION_LIMIT) > low)
        finally:
            for task in asking:
                task.cancel()
            await asyncio.wait(asking)
        assert all(task.cancelled() for task in asking)


def window(limit: ConcurrencyLimit, lags: Iterable[float], running: int) -> int:
    """Shows the limit one window of samples."""
    limit.begin_window(0.0)
    for step, lag in enumerate(lags, start=1):
        limit.observe(step * WINDOW_S / SAMPLES_MIN + 0.001, lag, running)
    return limit.current


def test_a_standing_lag_lowers_the_limit_by_half_at_most() -> None:
    assert window(ConcurrencyLimit(5, 1_000, 0.1), [0.125] * SAMPLES_MIN, 100) == 80
    assert window(ConcurrencyLimit(5, 1_000, 0.1), [9.0] * SAMPLES_MIN, 100) == 50
    assert window(ConcurrencyLimit(60, 1_000, 0.1), [9.0] * SAMPLES_MIN, 100) == 60


def test_a_moment_of_lag_changes_nothing() -> None:
    assert window(ConcurrencyLimit(5, 1_000, 0.1), [9.0] * (SAMPLES_MIN - 1) + [0.0], 100) == 1_000
    assert window(ConcurrencyLimit(5, 1_000, 0.1), [9.0] * (SAMPLES_MIN - 1), 100) == 1_000


def test_a_limit_that_is_reached_without_lag_grows_to_its_bound() -> None:
    limit = ConcurrencyLimit(5, 60, 0.1)
    window(limit, [9.0] * SAMPLES_MIN, 100)
    assert limit.current == 30
    assert window(limit, [0.0] * SAMPLES_MIN, 29) == 30
    grown = list(itertools.islice(iter(lambda: window(limit, [0.0] * SAMPLES_MIN, limit.current), None), 9))
    assert grown == [33, 36, 39, 42, 46, 50, 55, 60, 60]
