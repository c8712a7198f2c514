"""Reads from the event bus what is out of date, and invalidates it.

Problem: who changes data outside of mutations says so on the bus, which is away now and then, as this process
is; nothing that the bus still keeps may be passed over, or what is kept would stay out of date.
Steps: begin where the processes over this store left off, kept in the store itself; read on from there,
invalidate, then keep the position. Where there is no such position, or the bus no longer has what follows it,
everything is invalidated instead. A bus that cannot be read is asked again from the same position; meanwhile
the ages of entries bound how old they get.
Bound: one read at a time, of as many events as the source gives at once; the pause between failed reads
doubles up to `_PAUSE_S_MAX`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress

import orjson
import structlog

from router.cache.cache import Cache
from router.cache.entry import Entry
from router.cache.event_rules import EventRules
from router.cache.invalidation import Invalidation, InvalidationError
from router.cache.policy import Policy, Scope
from router.cache.store import Lookup, Reading, Write
from router.realtime import (
    EventId,
    FeedEvent,
    FeedSource,
    PositionError,
    RetentionExceededError,
    decode_position,
    encode_position,
    open_feed_source,
)
from router.telemetry.catalogue import CACHE_EVENTS_UP
from router.telemetry.catalogue import Reading as MetricReading

_log = structlog.stdlib.get_logger("router.cache")

WAIT_S = 5.0
_PAUSE_S_MIN, _PAUSE_S_MAX = 0.05, 5.0
_EVERYTHING = Invalidation(is_all=True)


class InvalidationFeed:
    """Follows the topics of the rules from `start` to `close`."""

    def __init__(self, cache: Cache, source: FeedSource, rules: EventRules) -> None:
        self._cache = cache
        self._source = source
        self._rules = rules
        self._after: dict[str, EventId] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_up = False

    def start(self) -> None:
        """Begins to read, in the background."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Ends the reading and closes the source."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._source.close()

    def readings(self) -> Iterator[MetricReading]:
        """Returns whether the bus can be read."""
        yield MetricReading(CACHE_EVENTS_UP, int(self._is_up))

    async def _run(self) -> None:
        pause_s = _PAUSE_S_MIN
        while True:
            try:
                await self._read_on()
            except Exception as fault:  # noqa: BLE001 - the edge of background work: it must not end unheard
                self._is_up = False
                _log.warning("cache reads no events", fault=str(fault), pause_s=round(pause_s, 2))
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries only
                pause_s = min(pause_s * 2, _PAUSE_S_MAX)
                continue
            self._is_up = True
            pause_s = _PAUSE_S_MIN

    async def _read_on(self) -> None:
        """Takes the next events, or finds out from where on there are some."""
        if not self._after:
            await self._begin()
            return
        try:
            events = await self._source.next_events(self._after, WAIT_S)
        except RetentionExceededError as error:
            _log.warning("events are gone before they were read: everything is invalid", topic=error.topic)
            self._after.update(await self._begin_anew([error.topic]))
            return
        if events:
            await self._take(events)

    async def _begin(self) -> None:
        after: dict[str, EventId] = {}
        for topic, position in (await self._recall()).items():
            with suppress(RetentionExceededError):
                await self._source.read_after(topic, position, 1)
                after[topic] = position
        unknown = [topic for topic in self._rules.topics if topic not in after]
        if unknown:
            after.update(await self._begin_anew(unknown))
        self._after = after

    async def _begin_anew(self, topics: Sequence[str]) -> dict[str, EventId]:
        """Invalidates everything; what is said after the positions that are returned is read."""
        newest = dict(await self._source.newest(topics))
        await self._cache.invalidate([_EVERYTHING])
        await self._keep(newest)
        return newest

    async def _take(self, events: Iterable[FeedEvent]) -> None:
        found: list[Invalidation] = []
        read: dict[str, EventId] = {}
        for event in events:
            read[event.topic] = event.id
            try:
                found += self._rules.invalidations_of(event.topic, event.envelope)
            except InvalidationError as error:
                _log.warning("event says no invalidation", topic=event.topic, id=event.id, problem=str(error))
        if found:
            await self._cache.invalidate(found)
        self._after.update(read)
        await self._keep(read)

    async def _keep(self, read: dict[str, EventId]) -> None:
        """Keeps positions in the store, beside what was made invalid up to them.

        A store that has not been told of an invalidation yet takes nothing, so no position there is ahead of
        what the store knows.
        """
        cache = self._cache
        # When it is gone, so is everything that was kept before the events that follow it.
        policy = Policy(2 * cache.config.max_age_s_max, Scope.PRIVATE)
        now = cache.clock()
        writes = [
            Write(self._key(topic), (), Entry.make(encode_position([at]).encode(), policy, now, 0, ()))
            for topic, at in read.items()
        ]
        await cache.store.write(writes, Reading([], {}))

    async def _recall(self) -> dict[str, EventId]:
        topics = self._rules.topics
        reading = await self._cache.store.read([Lookup((self._key(topic),), ()) for topic in topics])
        found: dict[str, EventId] = {}
        for topic, entry in zip(topics, reading.entries, strict=True):
            if entry is not None:
                with suppress(PositionError, UnicodeDecodeError):
                    [found[topic]] = decode_position(entry.body.decode(), 1)
        return found

    def _key(self, topic: str) -> bytes:
        return orjson.dumps(("position", topic, self._rules.fingerprint))


def open_invalidation_feed(cache: Cache) -> InvalidationFeed | None:
    """Returns the feed the settings of the cache ask for; None when they name no bus."""
    config = cache.config.events
    rules = EventRules(config, cache.config.invalidation.requests_max)
    source = open_feed_source(config) if rules.topics else None
    return InvalidationFeed(cache, source, rules) if source is not None else None


@asynccontextmanager
async def run_cache(cache: Cache | None, feed: InvalidationFeed | None) -> AsyncIterator[None]:
    """Reads events while the block runs, and closes the cache after it; either may be missing."""
    if feed is not None:
        feed.start()
    try:
        yield
    finally:
        if feed is not None:
            await feed.close()
        if cache is not None:
            await cache.close()
