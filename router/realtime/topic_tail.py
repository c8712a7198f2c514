"""Reads the live end of every topic that anybody listens to, once for all of them.

Problem: thousands of subscriptions mean the same few topics; each must miss nothing and get nothing twice.
Steps: a listener attaches at the position its topics have been handed out to, in one turn of the event loop,
so that what comes after reaches it and nothing before does. One read waits for all topics; it is begun anew
when a topic is added. When the bus is away, it is asked again from the same positions.
Bound: one read at a time; the wait between failed reads doubles up to `_RETRY_S_MAX`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import structlog

from router.realtime.conditions import EventFilter
from router.realtime.event import EventId, FeedEvent, look_up
from router.realtime.reading_counts import ReadingCounts
from router.realtime.source import FeedSource, FeedUnavailableError, RetentionExceededError

_log = structlog.stdlib.get_logger("router.realtime")

WAIT_S = 5.0
_RETRY_S_MIN, _RETRY_S_MAX = 0.05, 5.0


class Listener(Protocol):
    """Takes the events of its topics that its filter admits."""

    filter: EventFilter

    def take(self, event: FeedEvent) -> None:
        """Takes one event; must not wait."""
        ...

    def miss(self) -> None:
        """Says that events may be lost: the bus was away for longer than it keeps them."""
        ...


class _Topic:
    """The listeners of one topic, by their routes."""

    def __init__(self, position: EventId) -> None:
        self.position = position
        self._routed: dict[tuple[str, ...], dict[str, set[Listener]]] = {}
        self._others: set[Listener] = set()

    def add(self, listener: Listener) -> None:
        route = listener.filter.route
        if route is None:
            self._others.add(listener)
        else:
            self._routed.setdefault(route[0], {}).setdefault(route[1], set()).add(listener)

    def remove(self, listener: Listener) -> None:
        route = listener.filter.route
        if route is None:
            self._others.discard(listener)
            return
        values = self._routed.get(route[0], {})
        values.get(route[1], set()).discard(listener)
        if not values.get(route[1]):
            values.pop(route[1], None)
        if not values:
            self._routed.pop(route[0], None)

    def meant_by(self, event: FeedEvent) -> Iterator[Listener]:
        """Yields the listeners the event is routed to; they may still not admit it."""
        yield from self._others
        for path, values in self._routed.items():
            yield from values.get(str(look_up(event.envelope, path)), ())

    def listeners(self) -> Iterator[Listener]:
        yield from self._others
        for values in self._routed.values():
            for listeners in values.values():
                yield from listeners

    @property
    def is_idle(self) -> bool:
        return not self._others and not self._routed


class TopicTail:
    """The live end of the topics of one source; it belongs to the event loop of its first use."""

    def __init__(self, source: FeedSource) -> None:
        self.source = source
        self.counts = ReadingCounts()
        self._topics: dict[str, _Topic] = {}
        self._adding = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._read: asyncio.Task[Sequence[FeedEvent]] | None = None

    async def attach(self, topics: Sequence[str], listener: Listener) -> None:
        """Hands the listener everything after what `position_of` tells right after this returns.

        Raises FeedUnavailableError.
        """
        async with self._adding:
            newest: dict[str, EventId] = {}
            while missing := [name for name in topics if name not in self._topics and name not in newest]:
                newest.update(await self.source.newest(missing))
            # From here on nothing waits, so that position and listener belong together.
            is_grown = False
            for name in topics:
                if name not in self._topics:
                    self._topics[name] = _Topic(newest[name])
                    is_grown = True
                self._topics[name].add(listener)
        if is_grown and self._read is not None:
            self._read.cancel()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def detach(self, topics: Iterable[str], listener: Listener) -> None:
        """Hands the listener nothing more; a topic nobody listens to is read no longer."""
        for name in topics:
            topic = self._topics.get(name)
            if topic is None:
                continue
            topic.remove(listener)
            if topic.is_idle:
                del self._topics[name]

    def position_of(self, topics: Iterable[str]) -> tuple[EventId, ...]:
        """Returns how far the topics have been handed out; somebody must listen to them."""
        return tuple(self._topics[name].position for name in topics)

    async def close(self) -> None:
        """Ends the reading and closes the source."""
        self._topics.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self.source.close()

    async def _run(self) -> None:
        retry_s = _RETRY_S_MIN
        try:
            while self._topics:
                try:
                    events = await self._next_events()
                except FeedUnavailableError as error:
                    self.counts.note_failure()
                    _log.warning("event feed unavailable", error=str(error), retry_s=round(retry_s, 2))
                    await asyncio.sleep(retry_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries only
                    retry_s = min(retry_s * 2, _RETRY_S_MAX)
                    continue
                except RetentionExceededError as error:
                    await self._skip(error.topic)
                    continue
                retry_s = _RETRY_S_MIN
                self.counts.note_events(events)
                for event in events:
                    self._hand_out(event)
        finally:
            self._task = None
            if self._read is not None:
                self._read.cancel()

    async def _next_events(self) -> Sequence[FeedEvent]:
        after = {name: topic.position for name, topic in self._topics.items()}
        self._read = asyncio.create_task(self._as_list(after))
        try:
            await asyncio.wait([self._read])
            return () if self._read.cancelled() else self._read.result()
        finally:
            self._read.cancel()
            self._read = None

    async def _as_list(self, after: dict[str, EventId]) -> Sequence[FeedEvent]:
        return await self.source.next_events(after, WAIT_S)

    def _hand_out(self, event: FeedEvent) -> None:
        topic = self._topics.get(event.topic)
        if topic is None or event.id <= topic.position:
            return  # let go of meanwhile, or read anew from before
        topic.position = event.id
        for listener in [*topic.meant_by(event)]:
            if listener.filter.admits(event):
                listener.take(event)

    async def _skip(self, name: str) -> None:
        """Goes on from the newest event of a topic whose older ones are gone, and says so."""
        topic = self._topics.get(name)
        if topic is None:
            return
        _log.error("events are gone before they were read", topic=name)
        self.counts.note_loss(name)
        try:
            newest = await self.source.newest([name])
        except FeedUnavailableError:
            return  # the next read will meet the same
        topic.position = newest[name]
        for listener in [*topic.listeners()]:
            listener.miss()
