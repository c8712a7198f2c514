"""Consuming a queue on a connection of its own, whose end is told to whoever iterates."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from subgraphs.kit.events.bus import BusUnavailableError
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.rabbit_bus.connection import open_connection, rabbit_errors
from subgraphs.kit.events.repeating import repeat

Found = asyncio.Queue[AbstractIncomingMessage | None]


@dataclass(frozen=True, slots=True)
class Consumption:
    """A consumer at work: what it finds, and the channel it acknowledges on."""

    connection: AbstractConnection
    channel: AbstractChannel
    found: Found

    async def messages(self) -> AsyncIterator[AbstractIncomingMessage]:
        """Yields messages; raises BusUnavailableError when no more can come."""
        while (message := await self.found.get()) is not None:
            yield message
        raise BusUnavailableError("RabbitMQ: the connection was closed")


@asynccontextmanager
async def consuming(
    settings: BusSettings, queue: str, *, window: int, arguments: Mapping[str, str | int] | None = None
) -> AsyncIterator[Consumption]:
    """Consumes the queue for the block, with so many messages out at most; raises BusUnavailableError."""
    consumption = await repeat(lambda: _open(settings, queue, window, arguments or {}))
    try:
        yield consumption
    finally:
        with rabbit_errors():
            await consumption.connection.close()


async def _open(
    settings: BusSettings, queue: str, window: int, arguments: Mapping[str, str | int]
) -> Consumption:
    connection = await open_connection(settings)
    try:
        with rabbit_errors():
            async with asyncio.timeout(settings.timeout_s):
                channel = await connection.channel(publisher_confirms=True)
                await channel.set_qos(prefetch_count=window)
                found: Found = asyncio.Queue()
                await _tell_end(found, connection, channel)
                consumed = await channel.get_queue(queue, ensure=False)
                await consumed.consume(found.put, arguments=dict(arguments))
    except BaseException:
        await connection.close()
        raise
    return Consumption(connection, channel, found)


async def _tell_end(found: Found, connection: AbstractConnection, channel: AbstractChannel) -> None:
    """Makes the end of the channel, the connection or the consumer stand after the last message."""

    def end(*_: object) -> None:
        found.put_nowait(None)

    channel.close_callbacks.add(end)
    connection.close_callbacks.add(end)
    (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(end)
