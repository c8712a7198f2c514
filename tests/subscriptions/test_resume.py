"""Resuming: what was missed is replayed, then it goes on live, with no gap and nothing twice."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from router.config import SubscriptionsConfig
from router.realtime import (
    FeedUnavailableError,
    MemoryFeedSource,
    decode_position,
)
from router.realtime.rabbit_source import RabbitFeedSource
from router.realtime.redis_source import RedisFeedSource
from subgraphs.kit.events.bus import EventBus
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.open_bus import open_bus
from tests.events.cleaning import remove_bus
from tests.events.parcels import parcel, publish
from tests.subscriptions.clients import ready_socket
from tests.subscriptions.world import DEADLINE_S, World, until, world
from tests.support import engines

PLACED = "subscription { orderPlaced { id total } }"


class Topic:
    """Writes to the topic of orders, wherever it is."""

    def __init__(
        self, running: World, redis: Redis | None, rabbit: EventBus | None = None, stream: str = ""
    ) -> None:
        self.running = running
        self.redis = redis
        self.stream = stream
        self.rabbit = rabbit

    async def place(self, number: int) -> None:
        """Publishes that an order was placed."""
        if self.rabbit is not None:
            placed = parcel(number, subject=f"o{number}", kind="order.placed", wilaya=16)
            await publish(self.rabbit, placed)
            return
        if self.redis is None:
            self.running.place(number)
            return
        event = {"type": "order.placed", "subject": f"o{number}", "data": {"wilaya": 16}}
        await self.redis.xadd(self.stream, {"event": json.dumps(event)})

    async def forget(self, keep: int) -> None:
        """Lets all but the last events go, as retention does."""
        if self.redis is None:
            events = self.running.feed._topics["order"].events
            while len(events) > keep:
                events.popleft()
            return
        await self.redis.xtrim(self.stream, maxlen=keep, approximate=False)
        first = await self.redis.xrange(self.stream, count=1)
        await self.redis.set(f"{self.stream}:floor", first[0][0])


@asynccontextmanager
async def feeding(kind: str, config: SubscriptionsConfig | None = None) -> AsyncIterator[tuple[World, Topic]]:
    """Serves a router over a topic of that kind."""
    if kind == "memory":
        async with world(config) as running:
            yield running, Topic(running, None)
        return
    if kind == "rabbitmq":
        async with _feeding_by_rabbit(config) as found:
            yield found
        return
    redis = Redis.from_url(engines.redis_url())
    prefix = f"ztre-{uuid4().hex[:10]}:events:"
    source = RedisFeedSource(engines.redis_url(), prefix=prefix, envelope_field="event")
    try:
        async with world(config, feed=source) as running:
            yield running, Topic(running, redis, stream=f"{prefix}order")
    finally:
        await redis.delete(f"{prefix}order", f"{prefix}order:floor")
        await redis.aclose(close_connection_pool=True)


@asynccontextmanager
async def _feeding_by_rabbit(config: SubscriptionsConfig | None) -> AsyncIterator[tuple[World, Topic]]:
    url = engines.rabbitmq_url()
    if url is None:
        pytest.skip("RABBITMQ_URL names no broker")
    settings = BusSettings(url=url, name=f"ztre-{uuid4().hex[:10]}")
    bus = open_bus(settings)
    try:
        async with world(config, feed=RabbitFeedSource(url, prefix=f"{settings.name}.log.")) as running:
            yield running, Topic(running, None, bus)
    finally:
        await bus.close()
        await remove_bus(settings)


both = pytest.mark.parametrize("kind", ["memory", "redis"])
each = pytest.mark.parametrize("kind", ["memory", "redis", "rabbitmq"])


async def ids_from(running: World, position: str, count: int) -> list[str]:
    """Returns the ids of the next orders after a position."""
    async with ready_socket(running.port) as socket:
        await socket.subscribe("r", PLACED, extensions={"resumeFrom": position})
        return [(await socket.payload())["data"]["orderPlaced"]["id"] for _ in range(count)]


@each
async def test_missed_events_are_replayed_and_live_ones_follow(kind: str) -> None:
    async with feeding(kind) as (running, topic):
        async with ready_socket(running.port) as socket:
            await socket.subscribe_to_feed("a", PLACED)
            await topic.place(1)
            position = (await socket.payload())["extensions"]["position"]
        for number in (2, 3, 4):
            await topic.place(number)
        async with ready_socket(running.port) as socket:
            await socket.subscribe("a", PLACED, extensions={"resumeFrom": position})
            for number in (2, 3, 4):
                assert (await socket.payload())["data"]["orderPlaced"]["id"] == f"o{number}"
            await topic.place(5)
            assert (await socket.payload())["data"]["orderPlaced"] == {"id": "o5", "total": 50}


@each
async def test_the_position_told_at_the_start_resumes_before_any_event(kind: str) -> None:
    async with feeding(kind) as (running, topic):
        async with ready_socket(running.port) as socket:
            position = await socket.subscribe_to_feed("a", PLACED)
        await topic.place(1)
        assert await ids_from(running, position, 1) == ["o1"]


@both
async def test_a_position_outside_the_window_is_told_explicitly(kind: str) -> None:
    async with feeding(kind) as (running, topic):
        async with ready_socket(running.port) as socket:
            await socket.subscribe_to_feed("a", PLACED)
            await topic.place(1)
            old = newer = (await socket.payload())["extensions"]["position"]
            for number in range(2, 6):
                await topic.place(number)
                newer = (await socket.payload())["extensions"]["position"]
        await until(lambda: not running.hub.snapshot()["groups"])
        await topic.place(6)
        await topic.forget(2)
        async with ready_socket(running.port) as socket:
            await socket.subscribe("a", PLACED, extensions={"resumeFrom": old})
            message = await socket.receive()
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"] == "RESUME_WINDOW_EXCEEDED"
        assert await ids_from(running, newer, 1) == ["o6"]


@each
@pytest.mark.parametrize("position", ["99999999999999-0", "nonsense", "1-0~2-0"])
async def test_a_position_of_another_topic_is_refused(kind: str, position: str) -> None:
    async with feeding(kind) as (running, topic):
        await topic.place(1)
        async with ready_socket(running.port) as socket:
            await socket.subscribe("a", PLACED, extensions={"resumeFrom": position})
            code = (await socket.receive())["payload"][0]["extensions"]["code"]
            assert code == ("RESUME_WINDOW_EXCEEDED" if position[0] == "9" else "BAD_USER_INPUT")


async def test_a_subscription_without_positions_refuses_to_resume() -> None:
    async with world() as running, ready_socket(running.port) as socket:
        await socket.subscribe("a", "subscription { count(to: 2) }", extensions={"resumeFrom": "1-0"})
        assert (await socket.receive())["payload"][0]["extensions"]["code"] == "RESUME_NOT_SUPPORTED"


@each
async def test_heartbeats_move_the_position_over_events_of_others(kind: str) -> None:
    config = SubscriptionsConfig(heartbeat_ms=50)
    query = "subscription { orderPlaced(wilaya: 31) { id } }"
    async with feeding(kind, config) as (running, topic), ready_socket(running.port) as socket:
        start = await socket.subscribe_to_feed("a", query)
        await topic.place(1)  # in another wilaya
        socket.positions.clear()
        while socket.positions.get("a", start) == start:
            await socket._take_ping(await socket._receive_any())
        assert decode_position(socket.positions["a"], 1) > decode_position(start, 1)


@each
async def test_a_client_behind_reads_page_by_page_into_the_live_stream(kind: str) -> None:
    config = SubscriptionsConfig(queue_events_max=5, replay_events_max=3)
    async with feeding(kind, config) as (running, topic):
        async with ready_socket(running.port) as socket:
            position = await socket.subscribe_to_feed("a", PLACED)
        for number in range(1, 31):
            await topic.place(number)
        publishing = asyncio.create_task(_publish(topic, range(31, 61)))
        assert await ids_from(running, position, 60) == [f"o{number}" for number in range(1, 61)]
        await publishing


async def _publish(topic: Topic, numbers: range) -> None:
    for number in numbers:
        await topic.place(number)
        await asyncio.sleep(0.002)


@each
async def test_clients_cut_at_random_miss_nothing_and_get_nothing_twice(kind: str, seed: int) -> None:
    events, cuts, clients = 120, 6, 12
    generator = random.Random(seed)
    async with feeding(kind) as (running, topic):
        begun: set[int] = set()
        readers = [
            asyncio.create_task(
                _read_with_cuts(running, begun, events, cuts, random.Random(generator.random()))
            )
            for _ in range(clients)
        ]
        await until(lambda: len(begun) == clients)
        await _publish(topic, range(1, events + 1))
        async with asyncio.timeout(DEADLINE_S * 2):
            for seen in await asyncio.gather(*readers):
                assert seen == [f"o{number}" for number in range(1, events + 1)]


async def _read_with_cuts(
    running: World, begun: set[int], events: int, cuts: int, generator: random.Random
) -> list[str]:
    """Reads all events, cutting its connection at random; returns the ids in the order they came."""
    seen: list[str] = []
    position: str | None = None
    stops = sorted(generator.randrange(1, events) for _ in range(cuts))
    while len(seen) < events:
        extensions: dict[str, Any] = {"resumeFrom": position} if position else {}
        async with ready_socket(running.port) as socket:
            position = await socket.subscribe_to_feed("a", PLACED, extensions=extensions)
            begun.add(id(generator))
            while len(seen) < events:
                payload = await socket.payload()
                seen.append(payload["data"]["orderPlaced"]["id"])
                position = payload["extensions"]["position"]
                if stops and len(seen) >= stops[0]:
                    stops.pop(0)
                    socket.connection.transport.abort()
                    break
        if generator.random() < 0.5:
            await asyncio.sleep(generator.random() * 0.05)
    return seen


async def test_a_redis_that_was_away_costs_no_event() -> None:
    source = _Flaky()
    async with world(feed=source) as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("a", PLACED)
        source.is_away = True
        for number in (1, 2, 3):
            source.publish("order", {"type": "order.placed", "subject": f"o{number}", "data": {}})
        await until(lambda: source.refused > 1)
        source.is_away = False
        seen = [(await socket.payload())["data"]["orderPlaced"]["id"] for _ in range(3)]
        assert seen == ["o1", "o2", "o3"]


class _Flaky(MemoryFeedSource):
    """A bus that can be away, as one is behind a network."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.refused = 0

    async def next_events(self, after: Any, wait_s: float) -> Any:
        from_source = await super().next_events(after, min(wait_s, 0.05))
        if self.is_away:
            self.refused += 1
            raise FeedUnavailableError("away")
        return from_source
