"""Reading a topic's log by offset, for live feeds.

Problem: a relay that dies between publishing and writing that down publishes again, so the log may hold an
event twice, and a reader that resumes between the two must not be shown the second.

So a reader remembers the ids of the last `LOOKBACK` events, and one that resumes reads that far back to know
them again. A gap between the position and the first offset that still stands is a lost position.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from uuid import UUID, uuid4

from aio_pika import Message
from aio_pika.abc import AbstractIncomingMessage

from subgraphs.kit.events.bus import BEGINNING, LoggedEvent, PositionLostError
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.rabbit_bus.connection import rabbit_errors
from subgraphs.kit.events.rabbit_bus.consumption import Consumption, consuming
from subgraphs.kit.events.rabbit_bus.deliveries import event_of
from subgraphs.kit.events.rabbit_bus.topology import Topology
from subgraphs.kit.events.repeating import repeat

PREFETCH = 256
LOOKBACK = 500
OFFSET = "x-stream-offset"
MARKER = "zellige.marker"


async def read_log(
    topology: Topology, settings: BusSettings, topic: str, after: str | None
) -> AsyncIterator[LoggedEvent]:
    """Yields the events after the position, each once, then each new one."""
    position = _parse(topic, after)
    await topology.declare_log(topic)
    # The broker would wait in silence for an offset that is ahead of a log which began anew.
    if position is not None and position > int(await end_of_log(topology, settings, topic)):
        raise PositionLostError(topic, str(position))
    shown = _LastIds(LOOKBACK)
    expected = None if position is None else max(0, position + 1 - LOOKBACK)
    async with _reading(topology, settings, topic, _start(after, expected)) as consumption:
        async for message in consumption.messages():
            offset = _offset(message)
            if position is not None and expected is not None:
                # The first that stands. Further back than the position there may be gaps: only less is known.
                if offset > position + 1 or offset < expected:
                    raise PositionLostError(topic, str(position))
                expected = None
            event = event_of(message.body)
            if event is not None and shown.is_new(event.id) and (position is None or offset > position):
                yield LoggedEvent(str(offset), event)
            with rabbit_errors():
                await message.ack()


async def end_of_log(topology: Topology, settings: BusSettings, topic: str) -> str:
    """Returns the offset after everything published so far: that of a marker written for the purpose.

    AMQP tells no offsets but those of messages.
    """
    await topology.declare_log(topic)
    return await repeat(lambda: _end_by_marker(topology, settings, topic))


async def _end_by_marker(topology: Topology, settings: BusSettings, topic: str) -> str:
    marker = uuid4().hex
    name = topology.names.log(topic)
    async with _reading(topology, settings, topic, "next") as consumption:
        with rabbit_errors():
            async with asyncio.timeout(settings.timeout_s), topology.shared.channel() as channel:
                await channel.default_exchange.publish(Message(b"", type=MARKER, message_id=marker), name)
                async for message in consumption.messages():
                    if message.message_id == marker:
                        return str(_offset(message))
    raise AssertionError("the messages end in an error, never by themselves")


class _LastIds:
    """The ids of the last so many events."""

    def __init__(self, count_max: int) -> None:
        self._ids: OrderedDict[UUID, None] = OrderedDict()
        self._count_max = count_max

    def is_new(self, event_id: UUID) -> bool:
        """Says whether the id is not among the last ones, and adds it."""
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        if len(self._ids) > self._count_max:
            self._ids.popitem(last=False)
        return True


def _reading(
    topology: Topology, settings: BusSettings, topic: str, start: str | int
) -> AbstractAsyncContextManager[Consumption]:
    return consuming(settings, topology.names.log(topic), window=PREFETCH, arguments={OFFSET: start})


def _parse(topic: str, after: str | None) -> int | None:
    if after is None or after == BEGINNING:
        return None
    if not after.isdecimal():
        raise PositionLostError(topic, after)
    return int(after)


def _start(after: str | None, expected: int | None) -> str | int:
    if after is None:
        return "next"
    return "first" if expected is None else expected


def _offset(message: AbstractIncomingMessage) -> int:
    offset = message.headers[OFFSET]
    assert isinstance(offset, int), "the broker gives every message of a stream its offset"
    return offset
