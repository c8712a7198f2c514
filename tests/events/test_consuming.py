"""Handlers are called for each event until its effect is there once, in order per subject."""

# ruff: noqa: ASYNC110 - no event tells what another connection has made visible

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.backoff import Backoff
from subgraphs.kit.events import consuming
from subgraphs.kit.events.bus import EventBus
from subgraphs.kit.events.cloud_event import CloudEvent
from subgraphs.kit.events.consumer import Consumer, EventContext, Subscription
from subgraphs.kit.events.consuming import ConsumingService
from subgraphs.kit.trace_context import current_trace
from tests.events.conftest import OpenBus
from tests.events.mirror.app import build_mirror, create_app
from tests.events.mirror.consumers import Changed, reflect
from tests.events.parcels import parcel, publish
from tests.support.database import fresh_databases

Handle = Callable[[EventContext, Changed], Awaitable[None]]
SECONDS_MAX = 60.0


@pytest.fixture
async def mirror() -> AsyncIterator[SubgraphApp]:
    async with fresh_databases("mirror", build=build_mirror) as settings:
        app = create_app(settings)
        yield app
        await app.shutdown()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "FAILURE_BACKOFF", Backoff(first_s=0.01, max_s=0.02))


def consumer(handle: Handle, name: str = "reflect", **options: Any) -> Consumer[Changed]:
    return Consumer(name, on="account.changed", reads=Changed, handle=handle, **options)


def changed(number: int, subject: str = "amina", **data: Any) -> CloudEvent:
    return parcel(number, subject=subject, kind="account.changed", **data)


@asynccontextmanager
async def consuming_with(app: SubgraphApp, bus: EventBus, *consumers: Consumer[Any]) -> AsyncIterator[None]:
    """Runs the consumers until the end of the block."""
    service, stop = ConsumingService(app, consumers, bus), asyncio.Event()
    await service.subscribe()
    task = asyncio.create_task(service.run(stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(SECONDS_MAX):
            await task


async def effects(app: SubgraphApp) -> list[tuple[str, int]]:
    async with app.database.transaction() as session:
        found = await session.execute(text("SELECT account, number FROM effects ORDER BY place"))
        return [(account, number) for account, number in found]


async def until_effects(app: SubgraphApp, count: int) -> list[tuple[str, int]]:
    async with asyncio.timeout(SECONDS_MAX):
        while len(found := await effects(app)) < count:
            await asyncio.sleep(0.02)
    return found


async def until_dead(bus: EventBus, service: str = "mirror") -> str:
    async with asyncio.timeout(SECONDS_MAX):
        while not (letters := await bus.dead_letters(service, count_max=2)):
            await asyncio.sleep(0.05)
    (letter,) = letters
    return letter.reason


async def test_each_event_has_its_effect_once_though_it_comes_twice(
    mirror: SubgraphApp, bus: EventBus
) -> None:
    events = [changed(number) for number in range(5)]
    async with consuming_with(mirror, bus, consumer(reflect)):
        await publish(bus, *events)
        await publish(bus, *events, edition=1)
        await publish(bus, changed(5))
        assert await until_effects(mirror, 6) == [("amina", number) for number in range(6)]


async def test_events_of_one_subject_go_one_by_one_and_others_side_by_side(
    mirror: SubgraphApp, bus: EventBus
) -> None:
    running: set[str] = set()
    together: list[int] = []

    async def handle(context: EventContext, change: Changed) -> None:
        assert context.event.subject not in running
        running.add(context.event.subject)
        # Nobody goes on before all three subjects are in hand, unless it is a later round.
        async with asyncio.timeout(SECONDS_MAX):
            while change.number == 0 and len(running) < 3 and not together:
                await asyncio.sleep(0.01)
        together.append(len(running))
        await reflect(context, change)
        running.remove(context.event.subject)

    async with consuming_with(mirror, bus, consumer(handle)):
        await publish(bus, *(changed(number, subject) for number in range(4) for subject in "abc"))
        found = await until_effects(mirror, 12)
    assert max(together) == 3
    for subject in "abc":
        assert [number for account, number in found if account == subject] == [0, 1, 2, 3]


async def test_no_more_run_at_once_than_the_settings_allow(bus: EventBus) -> None:
    running = most = 0

    async def handle(context: EventContext, change: Changed) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        await reflect(context, change)

    async with fresh_databases("mirror", build=build_mirror, consumer_concurrency_max=2) as settings:
        app = create_app(settings)
        async with consuming_with(app, bus, consumer(handle)):
            await publish(bus, *(changed(0, f"account-{number}") for number in range(20)))
            await until_effects(app, 20)
        await app.shutdown()
    assert most == 2


async def test_what_fails_leaves_nothing_is_tried_again_and_holds_back_its_subject_only(
    mirror: SubgraphApp, bus: EventBus
) -> None:
    attempts: list[int] = []

    async def handle(context: EventContext, change: Changed) -> None:
        await reflect(context, change)
        if change.number == 1:
            attempts.append(context.attempt)
            await context.session.flush()
            if context.attempt < 3:
                raise RuntimeError("not yet")

    async with consuming_with(mirror, bus, consumer(handle)):
        await publish(bus, changed(1), changed(2), changed(9, "karim"))
        found = await until_effects(mirror, 3)
    assert attempts == [1, 2, 3]
    assert [number for account, number in found if account == "amina"] == [1, 2]


async def test_what_fails_too_often_is_a_dead_letter_the_next_goes_on_and_a_replay_has_its_effect(
    mirror: SubgraphApp, bus: EventBus
) -> None:
    repaired = False

    async def handle(context: EventContext, change: Changed) -> None:
        if change.number == 1 and not repaired:
            raise ValueError("no such account")
        await reflect(context, change)

    async with consuming_with(mirror, bus, consumer(handle, attempts_max=3)):
        await publish(bus, changed(1), changed(2))
        assert await until_dead(bus) == "reflect: ValueError: no such account"
        assert await until_effects(mirror, 1) == [("amina", 2)]
        repaired = True
        assert await bus.revive("mirror") == 1
        assert await until_effects(mirror, 2) == [("amina", 2), ("amina", 1)]


async def test_one_consumer_that_fails_does_not_repeat_the_others(mirror: SubgraphApp, bus: EventBus) -> None:
    failures = 0

    async def fail_twice(context: EventContext, _: Changed) -> None:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise RuntimeError("not yet")
        await reflect(context, Changed(100))

    async with consuming_with(mirror, bus, consumer(reflect, "first"), consumer(fail_twice, "second")):
        await publish(bus, changed(1))
        assert await until_effects(mirror, 2) == [("amina", 1), ("amina", 100)]


async def test_a_handler_that_takes_too_long_is_ended(mirror: SubgraphApp, bus: EventBus) -> None:
    async def hang(context: EventContext, change: Changed) -> None:
        await reflect(context, change)
        await asyncio.sleep(3600)

    async with consuming_with(mirror, bus, consumer(hang, attempts_max=1, timeout_s=0.2)):
        await publish(bus, changed(1))
        assert await until_dead(bus) == "reflect: TimeoutError: took longer than 0.2 s"
    assert await effects(mirror) == []


async def test_a_payload_that_does_not_fit_is_dead_at_once(mirror: SubgraphApp, bus: EventBus) -> None:
    broken = parcel(0, kind="account.changed")
    object.__setattr__(broken, "data", {"number": "many"})
    async with consuming_with(mirror, bus, consumer(reflect)):
        await publish(bus, broken, changed(1))
        assert "the payload does not fit" in await until_dead(bus)
        await until_effects(mirror, 1)


async def test_an_event_that_ends_its_worker_again_and_again_is_dead_without_being_tried(
    bus: EventBus, new_bus: OpenBus
) -> None:
    handled: list[int] = []

    async def handle(_: EventContext, change: Changed) -> None:
        handled.append(change.number)

    subscription = Subscription("mirror", frozenset({"account.changed"}))
    async with fresh_databases("mirror", build=build_mirror, event_deliveries_max=2) as settings:
        await bus.subscribe(subscription)
        await publish(bus, changed(1))
        for _ in range(2):
            async with new_bus().receive(subscription, window=1) as deliveries:
                await anext(deliveries)
        app = create_app(settings)
        async with consuming_with(app, bus, consumer(handle)):
            assert "ended 2 times while it had this event in hand" in await until_dead(bus)
        await app.shutdown()
    assert handled == []


async def test_a_database_that_is_away_costs_no_attempt(mirror: SubgraphApp, bus: EventBus) -> None:
    attempts: list[int] = []

    async def handle(context: EventContext, change: Changed) -> None:
        attempts.append(context.attempt)
        if len(attempts) <= 3:
            await context.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        await reflect(context, change)

    async with consuming_with(mirror, bus, consumer(handle, attempts_max=1)):
        await publish(bus, changed(1))
        assert await until_effects(mirror, 1) == [("amina", 1)]
    assert attempts == [1, 1, 1, 1]


async def test_what_a_handler_records_belongs_to_the_events_trace(mirror: SubgraphApp, bus: EventBus) -> None:
    traces: list[str | None] = []

    async def handle(context: EventContext, change: Changed) -> None:
        traces.append(current_trace().traceparent)
        await reflect(context, change)

    event = changed(1)
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    object.__setattr__(event, "trace", type(event.trace)(traceparent))
    async with consuming_with(mirror, bus, consumer(handle)):
        await publish(bus, event)
        await until_effects(mirror, 1)
    assert traces == [traceparent]


async def test_stopping_finishes_what_is_in_hand_and_leaves_the_rest_to_the_next(
    mirror: SubgraphApp, bus: EventBus, new_bus: OpenBus
) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def handle(context: EventContext, change: Changed) -> None:
        entered.set()
        await go_on.wait()
        await reflect(context, change)

    service, stop = ConsumingService(mirror, [consumer(handle)], bus), asyncio.Event()
    await service.subscribe()
    task = asyncio.create_task(service.run(stop))
    await publish(bus, *(changed(number) for number in range(3)))
    async with asyncio.timeout(SECONDS_MAX):
        await entered.wait()
        stop.set()
        await asyncio.sleep(0)
        go_on.set()
        await task
    assert await effects(mirror) == [("amina", 0)]
    async with consuming_with(mirror, new_bus(), consumer(reflect)):
        assert await until_effects(mirror, 3) == [("amina", 0), ("amina", 1), ("amina", 2)]


async def test_two_workers_of_one_domain_share_the_work_in_order(
    mirror: SubgraphApp, bus: EventBus, new_bus: OpenBus
) -> None:
    other = create_app(mirror.settings)
    async with consuming_with(mirror, bus, consumer(reflect)):
        async with consuming_with(other, new_bus(), consumer(reflect)):
            for first in range(0, 100, 10):
                await publish(bus, *(changed(number) for number in range(first, first + 10)))
            await until_effects(mirror, 50)
        found = await until_effects(mirror, 100)
    await other.shutdown()
    assert found == [("amina", number) for number in range(100)]


def test_consumers_of_one_name_and_consumers_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="several consumers named reflect"):
        Subscription.of("mirror", [consumer(reflect), consumer(reflect)])
    with pytest.raises(ValueError, match="is for no event"):
        Consumer("deaf", on=(), reads=Changed, handle=reflect)
