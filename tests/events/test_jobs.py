"""Jobs are done, again when they fail, once where they bear a key, by the clock once across workers."""

# ruff: noqa: ASYNC110 - no event tells what another connection has made visible

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.backoff import Backoff
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.open_bus import open_bus
from subgraphs.kit.events.relay import Relay
from subgraphs.kit.events.schemas import EventSchemas
from subgraphs.kit.jobs.dead import DeadJob, dead_jobs, revive_jobs
from subgraphs.kit.jobs.declaration import Cron, Job, JobContext
from subgraphs.kit.jobs.queue import JobFailedError, JobQueue
from subgraphs.kit.jobs.request import request_job
from subgraphs.kit.jobs.worker import JobWorker
from tests.events.mirror.app import build_mirror, create_app
from tests.support.database import fresh_databases

SECONDS_MAX = 60.0
QUICK = Backoff(first_s=0.01, max_s=0.02)


@pytest.fixture
async def app() -> AsyncIterator[SubgraphApp]:
    """A domain whose jobs stand under a name of their own."""
    async with fresh_databases(
        "mirror", build=build_mirror, event_bus_name=f"ztjb-{uuid4().hex[:10]}", event_bus_url=None
    ) as settings:
        app = create_app(settings)
        yield app
        await app.shutdown()
        async with Redis.from_url(settings.redis_url) as redis:
            async for key in redis.scan_iter(f"*{settings.event_bus_name}*", count=1000):
                await redis.delete(key)


@pytest.fixture
async def queue(app: SubgraphApp) -> AsyncIterator[JobQueue]:
    queue = JobQueue(app.settings, app.name)
    yield queue
    await queue.close()


@asynccontextmanager
async def working(app: SubgraphApp, *jobs: Job, workers: int = 1) -> AsyncIterator[None]:
    """Runs workers until the end of the block."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(JobWorker(app, jobs).run(stop)) for _ in range(workers)]
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(SECONDS_MAX):
            await asyncio.gather(*tasks)


async def until(count: int, done: Sequence[object]) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while len(done) < count:
            await asyncio.sleep(0.02)


async def until_dead(queue: JobQueue, app: SubgraphApp) -> DeadJob:
    async with asyncio.timeout(SECONDS_MAX):
        while not (dead := await dead_jobs(queue, app.settings, count_max=2)):
            await asyncio.sleep(0.05)
    (job,) = dead
    return job


async def test_a_job_is_done_and_its_result_can_be_read(app: SubgraphApp, queue: JobQueue) -> None:
    async def add(context: JobContext, one: int, other: int) -> dict[str, int | str]:
        return {"sum": one + other, "app": context.app.name}

    async with working(app, Job(add)):
        handle = await queue.enqueue("add", 40, 2)
        assert handle is not None
        assert await handle.result(SECONDS_MAX) == {"sum": 42, "app": "mirror"}


async def test_a_job_that_fails_is_tried_again_and_at_last_dead_until_it_is_asked_for_once_more(
    app: SubgraphApp, queue: JobQueue
) -> None:
    attempts: list[int] = []

    async def send(context: JobContext, to: str) -> str:
        attempts.append(context.attempt)
        if len(attempts) < 5:
            raise ConnectionError(f"nobody answers for {to}")
        return "sent"

    async with working(app, Job(send, attempts_max=3, backoff=QUICK)):
        handle = await queue.enqueue("send", "amina")
        assert handle is not None
        dead = await until_dead(queue, app)
        with pytest.raises(JobFailedError, match="nobody answers for amina"):
            await handle.result(SECONDS_MAX)
        assert (dead.name, dead.arguments, dead.attempts) == ("send", ["amina"], 3)
        assert dead.reason == "ConnectionError: nobody answers for amina"
        assert attempts == [1, 2, 3]
        assert await revive_jobs(queue, app.settings, ["another"]) == 0
        assert await revive_jobs(queue, app.settings, [dead.job_id]) == 1
        await until(5, attempts)
    assert attempts == [1, 2, 3, 1, 2]
    assert await dead_jobs(queue, app.settings, count_max=1) == []


async def test_a_job_that_takes_too_long_is_ended_and_counted(app: SubgraphApp, queue: JobQueue) -> None:
    ended: list[bool] = []

    async def hang(context: JobContext) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append(True)

    async with working(app, Job(hang, attempts_max=2, timeout_s=0.2, backoff=QUICK)):
        await queue.enqueue("hang")
        assert (await until_dead(queue, app)).reason == "took longer than 0.2 s"
    assert ended == [True, True]


async def test_of_one_key_there_is_one_job(app: SubgraphApp, queue: JobQueue) -> None:
    done: list[int] = []

    async def count(context: JobContext, number: int) -> None:
        done.append(number)

    handles = await asyncio.gather(*(queue.enqueue("count", number, key="k") for number in range(10)))
    assert len([handle for handle in handles if handle is not None]) == 1
    other = await queue.enqueue("count", 100, key="another")
    assert other is not None
    async with working(app, Job(count), workers=2):
        await until(2, done)
        await other.result(SECONDS_MAX)
        assert await queue.enqueue("count", 11, key="k") is None, "its result is still kept"
    assert len(done) == 2


async def test_the_clock_calls_a_job_once_across_workers(app: SubgraphApp) -> None:
    done: list[str] = []

    async def tick(context: JobContext) -> None:
        done.append(context.job_id)

    async with working(app, Job(tick, at=Cron(second=frozenset(range(60)))), workers=3):
        await until(3, done)
    assert len(set(done)) == len(done)


async def test_a_delayed_job_waits_its_time(app: SubgraphApp, queue: JobQueue) -> None:
    done: list[float] = []

    async def note(context: JobContext) -> None:
        done.append(asyncio.get_running_loop().time())

    began = asyncio.get_running_loop().time()
    async with working(app, Job(note)):
        await queue.enqueue("note", after_s=1.0)
        await until(1, done)
    assert done[0] - began >= 1.0


async def test_stopping_finishes_the_job_in_hand(app: SubgraphApp, queue: JobQueue) -> None:
    entered, go_on, done = asyncio.Event(), asyncio.Event(), list[int]()

    async def slow(context: JobContext) -> None:
        entered.set()
        await go_on.wait()
        done.append(context.attempt)

    stop = asyncio.Event()
    task = asyncio.create_task(JobWorker(app, [Job(slow)]).run(stop))
    await queue.enqueue("slow")
    async with asyncio.timeout(SECONDS_MAX):
        await entered.wait()
        stop.set()
        await asyncio.sleep(0)
        go_on.set()
        await task
    assert done == [1]
    assert await queue.waiting() == 0


async def test_a_job_left_behind_by_a_transaction_is_done_once_and_only_if_it_commits(
    app: SubgraphApp, queue: JobQueue
) -> None:
    done: list[str] = []

    async def send(context: JobContext, to: str) -> None:
        done.append(to)

    now = datetime.now(UTC)
    bus = open_bus(BusSettings.of(app.settings))
    relay = Relay(app.name, app.database, EventSchemas({}, app.name), bus, queue)
    with pytest.raises(ZeroDivisionError):
        async with app.database.transaction() as session:
            await request_job(session, "send", "karim", now=now)
            raise ZeroDivisionError
    async with app.database.transaction() as session:
        await request_job(session, "send", "amina", now=now)
        await request_job(session, "send", "lina", now=now)
    assert await relay.publish_batch() == 2
    # As the rows would stand had the relay died before it wrote that down.
    async with app.database.transaction() as session:
        await session.execute(text("UPDATE outbox_events SET published_at = NULL"))
    assert await relay.publish_batch() == 2
    async with working(app, Job(send)):
        await until(2, done)
        await queue.enqueue("send", "last")
        await until(3, done)
    await bus.close()
    assert sorted(done) == ["amina", "last", "lina"]


def test_two_jobs_of_one_name_are_refused(app: SubgraphApp) -> None:
    async def send(context: JobContext) -> None: ...

    with pytest.raises(ValueError, match="several jobs of one name"):
        JobWorker(app, [Job(send), Job(send)])
