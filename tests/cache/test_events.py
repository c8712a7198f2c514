"""What the event bus says is invalid, over real streams: nothing it still keeps is passed over."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from redis.asyncio import Redis

from router.config import CacheConfig, CacheEventsConfig, EventRuleConfig
from router.pipeline.invalidation_feed import open_invalidation_feed
from subgraphs.kit.events.bus import Publication
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.cloud_event import CloudEvent
from subgraphs.kit.events.rabbit_bus.bus import RabbitBus
from subgraphs.kit.events.redis_bus.bus import RedisBus
from tests.cache.shop import Front, Shop, config_of, open_front, open_shop, until
from tests.cache.test_over_http import PAGE, serve
from tests.cache.test_redis_outage import line
from tests.events.cleaning import remove_bus
from tests.events.parcels import parcel, publish
from tests.support.engines import rabbitmq_url, redis_url

_numbers = itertools.count()
DEADLINE_S = 30
ONE = "query ($id: ID!) { product(id: $id) { id inStock } }"
RULES = [
    {"event": "product.changed", "type": "Product", "key": {"id": "{$event.subject}"}},
    {"event": "counting", "type": "Product", "key": {"id": "{$event.data.product.id}"}, "subgraph": "stock"},
    {"event": "product.tagged", "tag": "product-{$event.data.number}"},
    {"event": "stock.lost", "subgraph": "stock"},
]


@dataclass
class Bus:
    """The platform's bus under a name of its own, and the settings of a cache that reads it."""

    name: str
    bus: RedisBus
    redis: Redis
    told: dict[UUID, str] = field(default_factory=dict)

    async def tell(self, type_: str, subject: str = "1", **data: Any) -> None:
        """Publishes an event."""
        event = CloudEvent(
            id=uuid4(), source="/test", type=type_, subject=subject, time=datetime.now(UTC), data=data
        )
        self.told.update(await self.bus.publish([Publication(event)]))
        assert not self.told, "all of it is published"

    async def forget(self, topic: str) -> None:
        """Lets all events but the last go, as retention does."""
        stream = f"{self.name}:events:{topic}"
        await self.redis.xtrim(stream, maxlen=1, approximate=False)
        first = await self.redis.xrange(stream, count=1)
        await self.redis.set(f"{stream}:floor", first[0][0])

    def settings(self, url: str | None = None, **more: Any) -> CacheConfig:
        """Returns the settings; `url` leads to the bus by another way."""
        events = {"url": url or redis_url(), "stream_prefix": f"{self.name}:events:", "rules": RULES}
        return config_of(events=events, **more)

    def shared(self, url: str | None = None, *, store_url: str | None = None, **more: Any) -> CacheConfig:
        """Returns the settings of a cache in Redis."""
        redis = {
            "url": store_url or redis_url(),
            "key_prefix": f"{self.name}:cache:",
            "timeout_ms": 10_000,
            **more,
        }
        return self.settings(url, store="redis", redis=redis)


@pytest.fixture
async def bus() -> AsyncIterator[Bus]:
    name = f"zellige-test-{os.getpid()}-{next(_numbers)}"
    bus, redis = RedisBus(BusSettings(redis_url(), name)), Redis.from_url(redis_url())
    try:
        yield Bus(name, bus, redis)
    finally:
        await bus.close()
        keys = [key async for key in redis.scan_iter(f"{name}:*")]
        if keys:
            await redis.delete(*keys)
        await redis.aclose(close_connection_pool=True)


@contextlib.asynccontextmanager
async def reading(shop: Shop, config: CacheConfig) -> AsyncIterator[Front]:
    """Runs a router that reads events; everything was invalid when it began."""
    async with open_front(shop, config) as front:
        feed = open_invalidation_feed(front.cache)
        assert feed is not None
        feed.start()
        try:
            yield front
        finally:
            await feed.close()


async def in_stock(front: Front, product: str = "1") -> int:
    answer = await front.ask(ONE, {"id": product})
    assert answer.codes == []
    return answer.data["product"]["inStock"]


async def becomes(front: Front, stock: int, product: str = "1") -> None:
    """Waits until the router answers so."""
    async with asyncio.timeout(DEADLINE_S):
        while await in_stock(front, product) != stock:  # noqa: ASYNC110 - a bus tells nobody when it was heard
            await asyncio.sleep(0.01)


async def has_begun(front: Front) -> None:
    """Waits until the feed knows where it reads on: it invalidated everything."""
    async with asyncio.timeout(DEADLINE_S):
        while not front.cache.counters.invalidations:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    # What was begun under the tokens before it is not kept: once a second question costs nothing, it is.
    async with asyncio.timeout(DEADLINE_S):
        while True:
            before = len(front.shop.requests)
            for product in front.shop.names:
                await in_stock(front, product)
            if len(front.shop.requests) == before:
                break
    front.shop.requests.clear()


async def refetched(front: Front) -> list[str]:
    """Returns the products whose stock is fetched again."""
    front.shop.requests.clear()
    for product in front.shop.names:
        await in_stock(front, product)
    return front.shop.entities_fetched()


EVERY = ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("type_", "data", "others"),
    [
        ("cache.invalidate", {"invalidations": [{"type": "Product", "key": {"id": "1"}}]}, []),
        ("cache.invalidate", {"invalidations": [{"subgraph": "stock"}]}, ["2", "3", "4"]),
        ("product.changed", {}, []),
        ("counting.ended", {"product": {"id": 1}}, []),
        ("counting.begun", {"product": {"id": "1"}, "by": [1, 2]}, []),
        ("counting.begun", {"product": [{"id": "1"}]}, ["2", "3", "4"]),
        ("product.tagged", {"number": 1}, []),
        ("product.tagged", {}, ["2", "3", "4"]),
        ("stock.lost", {}, ["2", "3", "4"]),
    ],
)
async def test_an_event_makes_invalid(
    bus: Bus, type_: str, data: Mapping[str, Any], others: list[str]
) -> None:
    async with open_shop() as shop, reading(shop, bus.settings()) as front:
        await has_begun(front)
        shop.stock["1"] = 11
        await bus.tell("product.unheard_of")
        await bus.tell(type_, **data)
        await becomes(front, 11)
        assert await refetched(front) == others


async def test_logs_of_rabbitmq_are_read_and_read_on_from_where_a_process_left_off(bus: Bus) -> None:
    url = rabbitmq_url()
    if url is None:
        pytest.skip("RABBITMQ_URL names no broker")
    settings = BusSettings(url, bus.name)
    rabbit = RabbitBus(settings)
    shared = bus.shared(front_max_age_ms=0)
    events = {"url": url, "queue_prefix": f"{bus.name}.log.", "rules": RULES}
    config = shared.model_copy(update={"events": CacheEventsConfig.model_validate(events)})
    try:
        async with open_shop() as shop:
            async with reading(shop, config) as front:
                await has_begun(front)
                shop.stock["1"] = 11
                await publish(rabbit, parcel(1, subject="1", kind="product.changed"))
                await becomes(front, 11)
                assert await refetched(front) == []
            shop.stock["1"] = 12
            await publish(rabbit, parcel(2, subject="1", kind="product.changed"))
            async with reading(shop, config) as front:
                await becomes(front, 12)
                assert await refetched(front) == []
    finally:
        await rabbit.close()
        await remove_bus(settings)


async def test_what_is_no_invalidation_stops_nothing(bus: Bus) -> None:
    async with open_shop() as shop, reading(shop, bus.settings()) as front:
        await has_begun(front)
        shop.stock["1"] = 11
        await bus.redis.xadd(f"{bus.name}:events:cache", {"event": "no JSON"})
        await bus.redis.xadd(f"{bus.name}:events:cache", {"event": "[1]"})
        await bus.redis.xadd(f"{bus.name}:events:cache", {"something": "else"})
        await bus.tell("cache.invalidate", invalidations="all of it")
        await bus.tell("cache.invalidate", invalidations=[{"type": "Product", "key": {"id": {"a": []}}}])
        assert await in_stock(front) == 10
        await bus.tell("cache.invalidate", invalidations=[{"type": "Product", "key": {"id": "1"}}])
        await becomes(front, 11)
        assert await refetched(front) == []


async def test_every_process_hears_it(bus: Bus) -> None:
    async with (
        open_shop() as shop,
        reading(shop, bus.settings()) as one,
        reading(shop, bus.settings()) as other,
        reading(shop, bus.shared(front_max_age_ms=60_000)) as third,
    ):
        for front in (one, other, third):
            await has_begun(front)
        shop.stock["1"] = 11
        await bus.tell("product.changed")
        for front in (one, other, third):
            await becomes(front, 11)


async def test_what_was_said_while_the_bus_was_away_is_heard(bus: Bus) -> None:
    async with (
        open_shop() as shop,
        line() as way,
        reading(shop, bus.settings(way.url)) as front,
    ):
        await has_begun(front)
        way.cut()
        shop.stock["1"] = 11
        await bus.tell("product.changed")
        await bus.tell("product.unheard_of")
        assert await in_stock(front) == 10, "as old as its age allows"
        way.mend()
        await becomes(front, 11)
        assert await refetched(front) == []


async def test_a_bus_away_at_the_start_is_waited_for(bus: Bus) -> None:
    async with open_shop() as shop, line() as way:
        way.cut()
        async with reading(shop, bus.settings(way.url)) as front:
            assert await in_stock(front) == await in_stock(front, "2") == 10
            shop.stock.update({"1": 11, "2": 12})
            await bus.tell("product.changed", "1")
            assert await in_stock(front) == 10
            way.mend()
            # Nobody knows what was said until now, so everything is invalid.
            await becomes(front, 11)
            assert await in_stock(front, "2") == 12


async def test_whether_events_are_read_is_told(bus: Bus) -> None:
    async with open_shop() as shop, line() as way, open_front(shop, bus.settings(way.url)) as front:
        feed = open_invalidation_feed(front.cache)
        assert feed is not None

        def is_up() -> bool:
            return [reading.value for reading in feed.readings()] == [1]

        assert not is_up()
        feed.start()
        await until(is_up)
        way.cut()
        await until(lambda: not is_up())
        way.mend()
        await until(is_up)
        await feed.close()


async def test_what_was_said_while_no_process_ran_is_heard(bus: Bus) -> None:
    async with open_shop() as shop:
        async with reading(shop, bus.shared()) as front:
            await has_begun(front)
        shop.stock.update({"1": 11, "2": 12})
        await bus.tell("product.changed", "1")
        async with reading(shop, bus.shared()) as front:
            await becomes(front, 11)
            assert await in_stock(front, "2") == 10, "it read on, and did not begin anew"
        # Under other rules, nobody has read the topics yet.
        changed = bus.shared()
        events = changed.events.model_copy(update={"rules": changed.events.rules[:1]})
        async with reading(shop, changed.model_copy(update={"events": events})) as front:
            await becomes(front, 12, "2")


async def test_what_the_bus_has_forgotten_makes_everything_invalid(bus: Bus) -> None:
    async with open_shop() as shop, line() as way:
        async with reading(shop, bus.shared(way.url)) as front:
            await has_begun(front)
            for stopped in (False, True):
                way.cut()
                shop.stock.update({"1": shop.stock["1"] + 1, "2": shop.stock["2"] + 1})
                for _ in range(3):
                    await bus.tell("product.changed")
                await bus.forget("product")
                if not stopped:
                    way.mend()
                    await becomes(front, 11, "2")
        way.mend()
        async with reading(shop, bus.shared(way.url)) as front:
            await becomes(front, 12, "2")


async def test_what_the_store_was_not_told_is_read_again(bus: Bus) -> None:
    """A process heard the event and ended before its store could be told."""
    async with open_shop() as shop:
        async with line() as way:
            broken = bus.shared(store_url=way.url, timeout_ms=2_000, pause_ms=50, failures_max=1)
            async with reading(shop, broken) as front:
                await has_begun(front)
                way.cut()
                shop.stock["1"] = 11
                await bus.tell("product.changed")
                await becomes(front, 11)
                async with asyncio.timeout(DEADLINE_S):
                    while not front.cache.counters.undelivered:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
        async with reading(shop, bus.shared()) as front:
            await becomes(front, 11)


async def test_a_served_router_reads_events(bus: Bus, tmp_path: Path) -> None:
    text = f"""
server: {{csrf: {{enabled: false}}}}
cache:
  enabled: true
  events:
    url: {redis_url()}
    stream_prefix: "{bus.name}:events:"
    rules:
      - {{event: product.changed, type: Product, key: {{id: "{{$event.subject}}"}}}}
"""
    async with open_shop() as shop, serve(shop, tmp_path, text) as served:
        await served.post({"query": PAGE})
        shop.stock["1"] = 11
        await bus.tell("product.changed")
        async with asyncio.timeout(DEADLINE_S):
            while (await served.post({"query": PAGE})).json["data"]["products"][0]["inStock"] != 11:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "rule",
    [
        {"event": "product.changed"},
        {"event": "product changed", "type": "Product"},
        {"event": "product.changed", "type": "Product", "tag": "a"},
        {"event": "product.changed", "key": {"id": "{$event.subject}"}},
        {"event": "product.changed", "type": "Product", "key": {"id": "{$args.id}"}},
        {"event": "product.changed", "type": "Product", "key": {"id": "{event.subject}"}},
        {"event": "product.changed", "tag": "product-{$event}"},
    ],
)
def test_a_rule_that_could_never_hold_is_refused(rule: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EventRuleConfig.model_validate(rule)


async def test_without_a_bus_nothing_is_read() -> None:
    async with open_shop() as shop, open_front(shop, config_of(events={"rules": RULES})) as front:
        assert open_invalidation_feed(front.cache) is None
    config = CacheEventsConfig(url=redis_url(), event=None)
    async with open_shop() as shop, open_front(shop, config_of(events=config)) as front:
        assert open_invalidation_feed(front.cache) is None
