"""Topics in stream queues of RabbitMQ: a log for each, its messages holding CloudEvents JSON.

Live reading is one consumer per topic, kept from call to call as long as the caller goes on where it was;
what it gave last is remembered, so that clients who come back after a moment need no reading of their own.

AMQP tells no offsets but those of messages. So whoever asks for the end of a log writes a marker to it and
waits until it comes: the router's account reads the logs and writes to the default exchange, no more.
A log that is not there yet is an empty topic; its first publisher makes it.
Bound: `PAGES_MAX` pages of the past are read at once; `RECENT_MAX` events of a topic are remembered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, ChannelNotFoundEntity, ChannelPreconditionFailed

from router.realtime.event import BEGINNING, EventId, FeedEvent
from router.realtime.rabbit_log import MARKER, RabbitLogReader
from router.realtime.recent_events import RecentEvents
from router.realtime.source import FeedUnavailableError, RetentionExceededError

COUNT_MAX = 500
PAGES_MAX = 16
RECENT_MAX = 2_000
ABSENT_LOG_POLL_S = 0.5
STARTING_LOG_POLL_S = 0.1
MISSING_LOG_S_MAX = 60.0
_HEARTBEAT_S = 15
_TIMEOUT_S = 10.0


class RabbitFeedSource:
    """A FeedSource over the stream queues `<prefix><topic>` of one broker, version 3.10 or newer."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._url = url
        self._prefix = prefix
        self._connection: AbstractConnection | None = None
        self._opening = asyncio.Lock()
        self._following = asyncio.Lock()
        self._pages = asyncio.Semaphore(PAGES_MAX)
        self._arrived = asyncio.Event()
        self._readers: dict[str, RabbitLogReader] = {}
        self._recent: dict[str, RecentEvents] = {}
        self._ends: dict[str, EventId] = {}
        self._expected: set[str] = set()
        self._missing_since: dict[str, float] = {}

    async def newest(self, topics: Iterable[str]) -> Mapping[str, EventId]:
        """Returns the id of the last message of each topic."""
        return {topic: await self._find_end(topic) for topic in topics}

    async def read_after(self, topic: str, after: EventId, count_max: int) -> Sequence[FeedEvent]:
        """Returns the events that follow, at most so many; raises RetentionExceededError."""
        recent = self._recent.get(topic)
        if recent is not None and recent.covers(after):
            # What comes after these, the live reader brings.
            return recent.after(after, count_max)
        async with self._pages:
            end = self._ends.get(topic, BEGINNING)
            if after > BEGINNING:
                self._expected.add(topic)
            if after >= end:
                end = await self._find_end(topic)
            if after > end:
                raise RetentionExceededError(topic)  # this log is not the one the position was told of
            if after == end:
                return []
            return await self._read_page(topic, after, end, count_max)

    async def next_events(self, after: Mapping[str, EventId], wait_s: float) -> Sequence[FeedEvent]:
        """Returns what follows in any of the topics, waiting for it up to `wait_s`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        async with self._following:
            while True:
                async with _answering():
                    await self._follow(after)
                self._arrived.clear()
                events = self._take(after)
                left_s = until - loop.time()
                if events or left_s <= 0:
                    return events
                is_whole = len(self._readers) == len(after)
                await self._wait(left_s if is_whole else min(left_s, ABSENT_LOG_POLL_S))

    async def close(self) -> None:
        """Ends the connection, and with it all readers."""
        connection, self._connection = self._connection, None
        self._forget_readers()
        if connection is not None and not connection.is_closed:
            async with _answering():
                await connection.close()

    # --- live

    async def _follow(self, after: Mapping[str, EventId]) -> None:
        """Makes the readers stand at these positions; a log that is not there has none."""
        for topic in [*self._readers]:
            if topic not in after or self._readers[topic].position != after[topic]:
                self._recent.pop(topic, None)
                await self._readers.pop(topic).close()
        for topic, position in after.items():
            reader = self._readers.get(topic)
            if reader is not None:
                await reader.go_on()
                continue
            await self._check_within(topic, position)
            opened = await self._open_reader(topic, position, self._arrived)
            if opened is not None:
                self._readers[topic] = opened
                self._recent[topic] = RecentEvents(position, RECENT_MAX)

    async def _check_within(self, topic: str, position: EventId) -> None:
        """Refuses a position ahead of the log: the broker would wait there in silence."""
        if position > BEGINNING:
            self._expected.add(topic)
        if position > self._ends.get(topic, BEGINNING) and position > await self._find_end(topic):
            raise RetentionExceededError(topic)

    def _take(self, after: Mapping[str, EventId]) -> list[FeedEvent]:
        """Waits for nothing: what is taken is returned, or the next call finds the reader elsewhere."""
        events: list[FeedEvent] = []
        for topic in after:
            reader = self._readers.get(topic)
            if reader is None:
                continue
            with self._forgetting(topic):
                taken = reader.take(COUNT_MAX)
            if taken:
                self._recent[topic].add(taken)
                self._ends[topic] = max(self._ends.get(topic, BEGINNING), taken[-1].id)
                events += taken
        return events

    @contextmanager
    def _forgetting(self, topic: str) -> Iterator[None]:
        """Lets go of what cannot be read on; when the connection is gone, of everything."""
        try:
            yield
        except RetentionExceededError:
            del self._readers[topic], self._recent[topic]
            raise
        except FeedUnavailableError:
            self._forget_readers()
            raise

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return

    # --- the past

    async def _read_page(
        self, topic: str, after: EventId, end: EventId, count_max: int
    ) -> Sequence[FeedEvent]:
        page: list[FeedEvent] = []
        arrived = asyncio.Event()
        try:
            async with _answering(), self._reading(topic, after, arrived) as reader:
                while reader is not None and reader.position < end and len(page) < count_max:
                    await arrived.wait()
                    arrived.clear()
                    # Markers are no events: a log that has only those left is at its end.
                    page += [event for event in reader.take(count_max - len(page)) if event.envelope]
                    await reader.go_on()
        except FeedUnavailableError:
            # Perhaps the log began anew, and its end is not what it was.
            self._ends.pop(topic, None)
            raise
        return page

    async def _find_end(self, topic: str) -> EventId:
        """Returns the id of a marker written for the purpose; BEGINNING where there is no log."""
        marker, arrived = uuid4().hex, asyncio.Event()
        queue = self._prefix + topic
        async with _answering(), self._reading(topic, None, arrived) as reader:
            if reader is None:
                return BEGINNING
            reader.look_for(marker)
            connection = await self._connect()
            async with connection.channel() as channel:
                message = aio_pika.Message(b"", type=MARKER, message_id=marker)
                await channel.default_exchange.publish(message, queue)
            while reader.marked is None:
                await arrived.wait()
                arrived.clear()
                reader.take(COUNT_MAX)
                await reader.go_on()
            self._ends[topic] = reader.marked
            return reader.marked

    @asynccontextmanager
    async def _reading(
        self, topic: str, after: EventId | None, arrived: asyncio.Event
    ) -> AsyncIterator[RabbitLogReader | None]:
        reader = await self._open_reader(topic, after, arrived)
        try:
            yield reader
        finally:
            if reader is not None:
                await reader.close()

    async def _open_reader(
        self, topic: str, after: EventId | None, arrived: asyncio.Event
    ) -> RabbitLogReader | None:
        """Returns a reader at work; None when there is no such log."""
        while True:
            reader = RabbitLogReader(topic, after, arrived)
            try:
                await reader.open(await self._connect(), self._prefix + topic)
            except ChannelNotFoundEntity:
                self._check_absence(topic)
                return None
            except ChannelPreconditionFailed:
                # It was declared a moment ago, and has no leader yet; whoever called says how long to wait.
                await asyncio.sleep(STARTING_LOG_POLL_S)
            except BaseException:
                await reader.close()
                raise
            else:
                self._expected.add(topic)
                self._missing_since.pop(topic, None)
                return reader

    def _check_absence(self, topic: str) -> None:
        """Raises FeedUnavailableError for a log that stood before: a starting broker finds it in a while."""
        if topic not in self._expected:
            return
        now = asyncio.get_running_loop().time()
        if now - self._missing_since.setdefault(topic, now) < MISSING_LOG_S_MAX:
            raise FeedUnavailableError(f"RabbitMQ: the log of {topic} is not there")

    async def _connect(self) -> AbstractConnection:
        async with self._opening:
            if self._connection is None or not _is_open(self._connection):
                self._forget_readers()
                self._connection = await aio_pika.connect(
                    self._url, timeout=_TIMEOUT_S, heartbeat=_HEARTBEAT_S
                )
            return self._connection

    def _forget_readers(self) -> None:
        # Who knows what the broker has when it is back.
        self._ends.clear()
        self._readers.clear()
        self._recent.clear()


def _is_open(connection: AbstractConnection) -> bool:
    """Says whether it can be used; its own `is_closed` knows nothing of an end made by the other side."""
    transport = connection.transport
    return not connection.is_closed and transport is not None and not transport.connection.is_closed


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """Turns whatever the client raises, and silence, into FeedUnavailableError."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            yield
    except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
        raise FeedUnavailableError(f"RabbitMQ: {type(error).__name__}: {error}") from error
    except asyncio.CancelledError as error:
        # A future of a closed connection is cancelled by the client itself: for us the bus is away then.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise FeedUnavailableError("RabbitMQ: the connection was closed") from error
