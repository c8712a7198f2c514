"""Topics in Redis Streams: a stream for each, its entries holding CloudEvents JSON in one field.

The bus that writes them keeps, beside a stream, the key `<stream>:floor` once it has trimmed: what stood
before that entry may be gone. Without it, a Redis of version 7 tells how many entries were ever added.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from router.realtime.event import BEGINNING, EventId, FeedEvent
from router.realtime.position import encode_position
from router.realtime.source import FeedUnavailableError, RetentionExceededError

_log = structlog.stdlib.get_logger("router.realtime")

COUNT_MAX = 500
_Entry = tuple[bytes, Mapping[bytes, bytes]]
_CONNECTIONS_MAX = 16
_TIMEOUT_S = 10.0


class RedisFeedSource:
    """A FeedSource over the streams `<prefix><topic>` of one Redis, version 6.2 or newer."""

    def __init__(self, url: str, *, prefix: str, envelope_field: str) -> None:
        # `_answering` bounds the time. The client must not: with time-outs of its own redis-py 5.3 loses one
        # in four cancellations, and whoever was to end then waits for ever.
        pool = BlockingConnectionPool.from_url(url, max_connections=_CONNECTIONS_MAX, timeout=None)
        self._redis = Redis(connection_pool=pool)
        self._prefix = prefix
        self._field = envelope_field.encode()

    async def newest(self, topics: Iterable[str]) -> Mapping[str, EventId]:
        """Returns the id of the last event of each topic."""
        async with _answering(_TIMEOUT_S):
            return {topic: (await self._describe(topic)).newest for topic in topics}

    async def read_after(self, topic: str, after: EventId, count_max: int) -> Sequence[FeedEvent]:
        """Returns the events that follow, at most so many; raises RetentionExceededError."""
        async with _answering(_TIMEOUT_S):
            entries = await self._redis.xrange(self._prefix + topic, _following(after), "+", count_max)
            # Only now: what is trimmed from here on was read.
            await self._check_kept(topic, after)
        return self._events_of(topic, entries)

    async def next_events(self, after: Mapping[str, EventId], wait_s: float) -> Sequence[FeedEvent]:
        """Returns what follows in any of the topics, waiting for it up to `wait_s`."""
        positions: dict[Any, Any] = {
            self._prefix + topic: encode_position([position]) for topic, position in after.items()
        }
        async with _answering(wait_s + _TIMEOUT_S):
            answer = await self._redis.xread(positions, COUNT_MAX, max(int(wait_s * 1000), 1))
            events: list[FeedEvent] = []
            for stream, entries in answer:
                topic = stream.decode().removeprefix(self._prefix)
                await self._check_kept(topic, after[topic])
                events += self._events_of(topic, entries)
        return events

    async def close(self) -> None:
        """Ends all connections."""
        await self._redis.aclose(close_connection_pool=True)

    def _events_of(self, topic: str, entries: Iterable[_Entry]) -> list[FeedEvent]:
        events: list[FeedEvent] = []
        for entry_id, fields in entries:
            try:
                envelope = orjson.loads(fields[self._field])
            except (KeyError, orjson.JSONDecodeError):
                _log.warning("entry is no event", topic=topic, id=entry_id.decode())
                envelope = None
            # What is no event still stands in the stream: the position moves over it.
            events.append(FeedEvent(topic, _parse(entry_id), envelope if isinstance(envelope, dict) else {}))
        return events

    async def _check_kept(self, topic: str, after: EventId) -> None:
        """Raises RetentionExceededError unless everything after the position is still there.

        Entries go oldest first: what followed an entry is whole while the entry itself, or a floor at or
        below it, stands.
        """
        stream = self._prefix + topic
        floor = await self._redis.get(f"{stream}:floor")
        if floor is not None and after >= _parse(floor):
            return
        about = await self._describe(topic)
        if after > about.newest:
            raise RetentionExceededError(topic)  # this stream is not the one the position was told of
        if after == about.newest or (floor is None and not about.is_trimmed):
            return
        if about.first is not None and after >= about.first:
            return
        if not await self._redis.xrange(stream, encode_position([after]), encode_position([after]), 1):
            raise RetentionExceededError(topic)

    async def _describe(self, topic: str) -> _StreamFacts:
        try:
            about = await self._redis.xinfo_stream(self._prefix + topic)
        except ResponseError as error:
            if "no such key" not in str(error):
                raise
            return _StreamFacts(BEGINNING, None, is_trimmed=False)
        first = about["first-entry"]
        added = about.get("entries-added")  # since Redis 7
        return _StreamFacts(
            _parse(about["last-generated-id"]),
            _parse(first[0]) if first else None,
            is_trimmed=added is not None and added > about["length"],
        )


class _StreamFacts:
    """What Redis tells of a stream."""

    __slots__ = ("first", "is_trimmed", "newest")

    def __init__(self, newest: EventId, first: EventId | None, *, is_trimmed: bool) -> None:
        self.newest = newest
        self.first = first
        self.is_trimmed = is_trimmed


def _parse(text: bytes) -> EventId:
    first, _, second = text.decode().partition("-")
    return int(first), int(second)


def _following(after: EventId) -> str:
    return f"({after[0]}-{after[1]}" if after != BEGINNING else "-"


@asynccontextmanager
async def _answering(timeout_s: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except (TimeoutError, RedisError, RedisConnectionError, OSError) as error:
        raise FeedUnavailableError(f"{type(error).__name__}: {error}") from error
