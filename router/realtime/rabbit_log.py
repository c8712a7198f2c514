"""Reading one topic's log, a stream queue of RabbitMQ, from a position.

Every message has an offset; the event at offset n has the id (n + 1, 0), so that BEGINNING is before the
first. What is no event still has its place: it comes with an empty envelope, and positions move over it.

Problem: publishing is at least once, so a log may hold an event twice, and a reader that begins between the
two must not show the second. So a reader begins `LOOKBACK` messages before its position, only to know them
again. A gap between its position and the first offset that stands means that retention took events away.
Bound: `WINDOW` messages are in hand at most; the broker sends more when those were taken.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from router.realtime.event import EventId, FeedEvent
from router.realtime.source import FeedUnavailableError, RetentionExceededError

WINDOW = 500
LOOKBACK = 500
OFFSET = "x-stream-offset"
MARKER = "zellige.marker"
"""The type of messages that only mark the end of a log for whoever asked for it."""

_log = structlog.stdlib.get_logger("router.realtime")


class RabbitLogReader:
    """A consumer of a topic's log; `position` is that of the last event taken, or where it began."""

    def __init__(self, topic: str, after: EventId | None, arrived: asyncio.Event) -> None:
        self.topic = topic
        self.position: EventId = after or (0, 0)
        self.marked: EventId | None = None
        self._marker: str | None = None
        self._arrived = arrived
        self._is_from_end = after is None
        self._first_asked = max(0, self.position[0] - LOOKBACK)
        self._is_begun = after is None
        self._fault: Exception | None = None
        self._shown: OrderedDict[tuple[Any, Any], None] = OrderedDict()
        self._found: deque[tuple[FeedEvent, AbstractIncomingMessage]] = deque()
        self._taken: AbstractIncomingMessage | None = None
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None

    async def open(self, connection: AbstractConnection, queue: str) -> None:
        """Begins to consume, from the end when it was made without a position."""
        self._connection = connection
        self._channel = channel = await connection.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=WINDOW)
        channel.close_callbacks.add(self._end)
        connection.close_callbacks.add(self._end)
        (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(self._end)
        log = await channel.get_queue(queue, ensure=False)
        start = "next" if self._is_from_end else self._first_asked
        await log.consume(self._receive, arguments={OFFSET: start})

    async def close(self) -> None:
        """Ends the consumer."""
        channel, self._channel = self._channel, None
        if self._connection is not None:
            self._connection.close_callbacks.discard(self._end)
        if channel is not None and not channel.is_closed:
            await channel.close()

    def look_for(self, marker: str) -> None:
        """Lets `marked` be the place of the message of this name, once it has come."""
        self._marker = marker

    def take(self, count_max: int) -> Sequence[FeedEvent]:
        """Returns what has come, in order.

        Raises RetentionExceededError, and FeedUnavailableError when nothing more can come.
        """
        if self._fault is not None and not self._found:
            raise self._fault
        events: list[FeedEvent] = []
        while self._found and len(events) < count_max:
            event, self._taken = self._found.popleft()
            events.append(event)
            self.position = event.id
        return events

    async def go_on(self) -> None:
        """Says that what was taken has arrived, so that the broker sends more."""
        message, self._taken = self._taken, None
        if message is not None and self._fault is None:
            await message.ack(multiple=True)

    async def _receive(self, message: AbstractIncomingMessage) -> None:
        """Takes a message; waits for nothing, so that they stay in order."""
        offset = message.headers[OFFSET]
        assert isinstance(offset, int), "the broker gives every message of a log its offset"
        event = self._event_of(offset, message)
        if self._marker is not None and message.message_id == self._marker:
            self.marked = event.id
        if not self._is_begun:
            self._is_begun = True
            if offset > self.position[0]:
                self._fail(RetentionExceededError(self.topic))
                return
        if event.id > self.position and not isinstance(self._fault, RetentionExceededError):
            self._found.append((event, message))
        elif event.id == self.position:
            # All before it was only to be known again.
            await message.ack(multiple=True)
        self._arrived.set()

    def _event_of(self, offset: int, message: AbstractIncomingMessage) -> FeedEvent:
        envelope = {} if message.type == MARKER else self._envelope_of(offset, message.body)
        return FeedEvent(self.topic, (offset + 1, 0), envelope)

    def _envelope_of(self, offset: int, body: bytes) -> dict[str, Any]:
        try:
            envelope = orjson.loads(body)
        except orjson.JSONDecodeError:
            envelope = None
        if not isinstance(envelope, dict):
            _log.warning("message is no event", topic=self.topic, offset=offset)
            return {}
        name = (envelope.get("source"), envelope.get("id"))
        if name[1] is not None and not isinstance(name[1], dict | list):
            if name in self._shown:
                return {}
            self._shown[name] = None
            if len(self._shown) > LOOKBACK:
                self._shown.popitem(last=False)
        return envelope

    def _end(self, *_: object) -> None:
        self._fail(FeedUnavailableError("RabbitMQ: the connection was closed"))

    def _fail(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self._arrived.set()
