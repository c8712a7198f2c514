"""What every engine of feeds promises, tried on what the platform's own bus writes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

import aio_pika
import orjson
import pytest
from redis.asyncio import Redis

from router.config import EventStreamsConfig
from router.realtime import (
    EventId,
    FeedEvent,
    FeedSource,
    FeedUnavailableError,
    RetentionExceededError,
    open_feed_source,
    rabbit_source,
)
from subgraphs.kit.events.bus import EventBus
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.cloud_event import CloudEvent
from subgraphs.kit.events.open_bus import open_bus
from tests.events.cleaning import remove_bus
from tests.events.parcels import parcel, publish
from tests.support.engines import rabbitmq_url, redis_url
from tests.support.proxy import Proxy

DEADLINE_S = 30.0
BEGINNING = (0, 0)


@dataclass
class Feed:
    """A bus that is written to, and a source that reads it at the other end of a cable."""

    settings: BusSettings
    bus: EventBus
    source: FeedSource
    cable: Proxy

    @property
    def is_rabbit(self) -> bool:
        """Which of the engines it is."""
        return self.settings.url.startswith("amqp")

    async def next_events(
        self, after: EventId, count: int, topic: str = "parcel"
    ) -> tuple[list[FeedEvent], EventId]:
        """Reads on until so many events came; returns them and the position after them."""
        found: list[FeedEvent] = []
        async with asyncio.timeout(DEADLINE_S):
            while len(found) < count:
                for event in await self.source.next_events({topic: after}, 5.0):
                    after = event.id
                    found += [event] if event.envelope else []
        return found, after


@pytest.fixture(params=["redis", "rabbitmq"])
async def feed(request: pytest.FixtureRequest) -> AsyncIterator[Feed]:
    url = redis_url() if request.param == "redis" else rabbitmq_url()
    if url is None:
        pytest.skip("RABBITMQ_URL names no broker")
    settings = BusSettings(url=url, name=f"ztfs-{uuid4().hex[:10]}")
    parts, cable = urlsplit(url), Proxy()
    cable.target = (parts.hostname or "127.0.0.1", parts.port or 6379)
    await cable.start()
    account = parts.netloc.rpartition("@")[0]
    there = f"{account}@127.0.0.1:{cable.port}" if account else f"127.0.0.1:{cable.port}"
    streams = EventStreamsConfig(
        url=parts._replace(netloc=there).geturl(),
        stream_prefix=f"{settings.name}:events:",
        queue_prefix=f"{settings.name}.log.",
    )
    source, bus = open_feed_source(streams), open_bus(settings)
    assert source is not None
    yield Feed(settings, bus, source, cable)
    with suppress(FeedUnavailableError):
        await source.close()
    await cable.stop()
    await bus.close()
    await remove_bus(settings)


def numbers(events: Sequence[FeedEvent]) -> list[int]:
    return [event.envelope["data"]["number"] for event in events if event.envelope]


async def read_all(source: FeedSource, after: EventId, count_max: int) -> list[int]:
    """Reads the past page by page, to its end."""
    found: list[int] = []
    while page := await source.read_after("parcel", after, count_max):
        assert len(page) <= count_max
        found += numbers(page)
        after = page[-1].id
    return found


async def test_a_topic_nobody_wrote_to_is_empty_and_its_first_event_comes(feed: Feed) -> None:
    assert await feed.source.newest(["parcel"]) == {"parcel": BEGINNING}
    assert await feed.source.read_after("parcel", BEGINNING, 10) == []
    assert await feed.source.next_events({"parcel": BEGINNING}, 0.01) == []
    coming = asyncio.create_task(feed.next_events(BEGINNING, 1))
    sent = parcel(1, note="تسليم")
    await publish(feed.bus, sent)
    [event], _ = await coming
    assert CloudEvent.from_json(orjson.dumps(event.envelope)) == sent
    assert event.topic == "parcel"


async def test_what_follows_the_newest_comes_in_order_and_each_position_resumes(feed: Feed) -> None:
    await publish(feed.bus, *(parcel(number) for number in range(5)))
    start = (await feed.source.newest(["parcel"]))["parcel"]
    assert await feed.source.next_events({"parcel": start}, 0.01) == []
    for first in range(5, 705, 100):
        await publish(feed.bus, *(parcel(number) for number in range(first, first + 100)))
    live, end = await feed.next_events(start, 700)
    assert numbers(live) == list(range(5, 705))
    assert sorted(event.id for event in live) == [event.id for event in live]
    assert await feed.source.read_after("parcel", end, 10) == []
    # Live reading remembers the last; a source that has not read anything asks the bus.
    for position, following in ((start, 5), (live[0].id, 6), (live[-3].id, 703)):
        assert await read_all(feed.source, position, 300) == list(range(following, 705))
    other = await _another(feed)
    for position, following in ((BEGINNING, 0), (start, 5), (live[600].id, 606), (live[-1].id, 705)):
        assert await read_all(other, position, 500) == list(range(following, 705))
    assert numbers((await feed.next_events(live[-3].id, 2))[0]) == [703, 704]
    await other.close()


async def _another(feed: Feed) -> FeedSource:
    name = feed.settings.name
    source = open_feed_source(
        EventStreamsConfig(
            url=feed.settings.url, stream_prefix=f"{name}:events:", queue_prefix=f"{name}.log."
        )
    )
    assert source is not None
    return source


async def test_several_topics_are_read_at_once_and_each_moves_by_itself(feed: Feed) -> None:
    at = dict(await feed.source.newest(["letter", "parcel"]))
    await publish(feed.bus, parcel(1), parcel(2, kind="letter.sent"), parcel(3))
    found: dict[str, list[int]] = {"letter": [], "parcel": []}
    async with asyncio.timeout(DEADLINE_S):
        while sum(map(len, found.values())) < 3:
            for event in await feed.source.next_events(at, 5.0):
                at[event.topic] = event.id
                found[event.topic] += numbers([event])
    assert found == {"letter": [2], "parcel": [1, 3]}


async def test_an_event_a_dying_relay_published_twice_is_shown_once(feed: Feed) -> None:
    first, second, third = parcel(1), parcel(2), parcel(3)
    await publish(feed.bus, first, second)
    (shown, position) = await feed.next_events(BEGINNING, 2)
    again = open_bus(feed.settings)
    await publish(again, second)
    await again.close()
    await publish(feed.bus, third)
    assert numbers(shown) == [1, 2]
    assert numbers((await feed.next_events(position, 1))[0]) == [3]
    other = await _another(feed)
    assert await read_all(other, BEGINNING, 2) == [1, 2, 3]
    assert await read_all(other, position, 2) == [3]
    await other.close()


async def test_a_position_ahead_of_the_log_is_of_another_life(feed: Feed) -> None:
    await publish(feed.bus, parcel(1))
    ahead = (10**13, 0)
    with pytest.raises(RetentionExceededError):
        await feed.source.read_after("parcel", ahead, 10)
    if feed.is_rabbit:  # on Redis ids are times, so that the next event comes after whatever was before
        with pytest.raises(RetentionExceededError):
            await feed.next_events(ahead, 1)
    assert numbers((await feed.next_events(BEGINNING, 1))[0]) == [1]


async def test_a_position_whose_successors_are_gone_is_refused(feed: Feed) -> None:
    await _make_short(feed)
    await publish(feed.bus, *(parcel(number) for number in range(3)))
    shown, _ = await feed.next_events(BEGINNING, 3)
    await _forget(feed)
    other = await _another(feed)
    for position in (BEGINNING, shown[0].id):
        with pytest.raises(RetentionExceededError):
            await other.read_after("parcel", position, 10)
        with pytest.raises(RetentionExceededError):
            await other.next_events({"parcel": position}, 5.0)
    end = (await other.newest(["parcel"]))["parcel"]
    await publish(feed.bus, parcel(99))
    assert await read_all(other, end, 10) == [99]
    await other.close()


async def _make_short(feed: Feed) -> None:
    """Lets a log of RabbitMQ have small segments: only whole ones go."""
    if feed.is_rabbit:
        async with await aio_pika.connect(feed.settings.url) as connection, connection.channel() as channel:
            bounds = {"x-max-length-bytes": 10_000, "x-stream-max-segment-size-bytes": 5_000}
            name = f"{feed.settings.name}.log.parcel"
            await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "stream", **bounds})


async def _forget(feed: Feed) -> None:
    if not feed.is_rabbit:
        async with Redis.from_url(feed.settings.url) as redis:
            stream = f"{feed.settings.name}:events:parcel"
            await redis.xtrim(stream, maxlen=1, approximate=False)
            last = await redis.xrange(stream, count=1)
            await redis.set(f"{stream}:floor", last[0][0])
        return
    async with asyncio.timeout(DEADLINE_S):
        while True:
            await publish(feed.bus, *(parcel(7, note="x" * 4_000) for _ in range(5)))
            other = await _another(feed)
            try:
                await other.read_after("parcel", BEGINNING, 1)
            except RetentionExceededError:
                return
            finally:
                await other.close()


async def test_a_cut_is_told_and_reading_goes_on_after_the_position(feed: Feed) -> None:
    await publish(feed.bus, parcel(1))
    _, position = await feed.next_events(BEGINNING, 1)
    waiting = asyncio.create_task(feed.next_events(position, 1))
    await asyncio.sleep(0)
    feed.cable.cut()
    with pytest.raises(FeedUnavailableError):
        async with asyncio.timeout(DEADLINE_S):
            while True:
                _, position = await waiting
                feed.cable.cut()
                waiting = asyncio.create_task(feed.next_events(position, 1))
                await publish(feed.bus, parcel(2))
    await publish(feed.bus, parcel(3))
    async with asyncio.timeout(DEADLINE_S):
        while True:
            with suppress(FeedUnavailableError):
                found, _ = await feed.next_events(position, 1)
                break
    assert numbers(found)[0] in {2, 3}


async def test_a_reading_that_was_cancelled_has_lost_nothing(feed: Feed) -> None:
    position = BEGINNING
    seen: list[int] = []
    await publish(feed.bus, parcel(0))
    sending = asyncio.create_task(_send(feed, range(1, 200)))
    async with asyncio.timeout(DEADLINE_S):
        for patience_s in itertools.cycle([0, 0.002, 0.01, 0.3]):
            if len(seen) >= 200:
                break
            reading = asyncio.create_task(_read_once(feed, position))
            await asyncio.wait([reading], timeout=patience_s)
            if not reading.done():
                reading.cancel()
            with suppress(asyncio.CancelledError):
                events = await reading
                seen += numbers(events)
                position = events[-1].id if events else position
    await sending
    assert seen == list(range(200))


async def _read_once(feed: Feed, position: EventId) -> Sequence[FeedEvent]:
    return await feed.source.next_events({"parcel": position}, 1.0)


async def _send(feed: Feed, numbers_: range) -> None:
    for number in numbers_:
        await publish(feed.bus, parcel(number))


async def test_a_log_that_stood_before_is_waited_for_and_then_begins_anew(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not feed.is_rabbit:
        pytest.skip("Redis has all its streams when it answers")
    await publish(feed.bus, parcel(1))
    _, position = await feed.next_events(BEGINNING, 1)
    async with await aio_pika.connect(feed.settings.url) as connection, connection.channel() as channel:
        await channel.queue_delete(f"{feed.settings.name}.log.parcel")
    # As while a broker starts, which knows its queues one after another.
    for _ in range(3):
        with pytest.raises(FeedUnavailableError):
            await feed.next_events(position, 1)
    with pytest.raises(FeedUnavailableError):
        await feed.source.newest(["parcel"])
    monkeypatch.setattr(rabbit_source, "MISSING_LOG_S_MAX", 0.0)
    with pytest.raises(RetentionExceededError):
        await feed.next_events(position, 1)


async def test_a_bus_that_is_away_is_told() -> None:
    for scheme in ("redis", "amqp"):
        source = open_feed_source(EventStreamsConfig(url=f"{scheme}://127.0.0.1:1/"))
        assert source is not None
        with pytest.raises(FeedUnavailableError):
            await source.newest(["parcel"])
        with pytest.raises(FeedUnavailableError):
            await source.next_events({"parcel": (3, 0)}, 0.1)
        await source.close()
