"""Topics in the memory of one process, for a platform that is one process and needs no bus."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from router.realtime.event import BEGINNING, EventId, FeedEvent
from router.realtime.source import RetentionExceededError

RETAINED_MAX = 10_000


class _Topic:
    def __init__(self, retained_max: int) -> None:
        self.events: deque[FeedEvent] = deque(maxlen=retained_max)
        self.newest: EventId = BEGINNING

    @property
    def floor(self) -> EventId:
        """The position after which everything is still kept."""
        return (self.events[0].id[0] - 1, 0) if self.events else self.newest


class MemoryFeedSource:
    """A FeedSource whose events are published in the process; each topic keeps the last `retained_max`."""

    def __init__(self, retained_max: int = RETAINED_MAX) -> None:
        self._retained_max = retained_max
        self._topics: dict[str, _Topic] = {}
        self._waiting: set[asyncio.Future[None]] = set()

    def publish(self, topic: str, envelope: Mapping[str, Any]) -> EventId:
        """Appends an event and returns its id; only from the event loop's thread."""
        found = self._topics.setdefault(topic, _Topic(self._retained_max))
        found.newest = (found.newest[0] + 1, 0)
        found.events.append(FeedEvent(topic, found.newest, envelope))
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        return found.newest

    async def newest(self, topics: Iterable[str]) -> Mapping[str, EventId]:
        """Returns the id of the last event of each topic."""
        return {name: self._topics[name].newest if name in self._topics else BEGINNING for name in topics}

    async def read_after(self, topic: str, after: EventId, count_max: int) -> Sequence[FeedEvent]:
        """Returns the events that follow, at most so many; raises RetentionExceededError."""
        found = self._topics.get(topic)
        if found is None:
            found = self._topics[topic] = _Topic(self._retained_max)
        if after < found.floor or after > found.newest:
            raise RetentionExceededError(topic)
        # Ids are consecutive, so the first event that follows stands at a known place.
        start = after[0] - found.floor[0]
        return [found.events[index] for index in range(start, min(start + count_max, len(found.events)))]

    async def next_events(self, after: Mapping[str, EventId], wait_s: float) -> Sequence[FeedEvent]:
        """Returns what follows in any of the topics, waiting for it up to `wait_s`."""
        events = await self._read(after)
        if events:
            return events
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await asyncio.wait([waiter], timeout=wait_s)
        finally:
            self._waiting.discard(waiter)
        return await self._read(after)

    async def close(self) -> None:
        """Holds nothing."""

    async def _read(self, after: Mapping[str, EventId]) -> list[FeedEvent]:
        events: list[FeedEvent] = []
        for topic, position in after.items():
            events += await self.read_after(topic, position, self._retained_max)
        return events
