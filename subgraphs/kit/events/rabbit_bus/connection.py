"""A connection that is opened when it is needed, and opened anew when it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, ChannelNotFoundEntity

from subgraphs.kit.events.bus import BusUnavailableError
from subgraphs.kit.events.bus_settings import BusSettings

HEARTBEAT_S = 15


@contextmanager
def rabbit_errors() -> Iterator[None]:
    """Turns whatever the client raises (gone, closed, refused, too slow) into BusUnavailableError."""
    try:
        yield
    except BusUnavailableError:
        raise
    # A future of a closed connection is cancelled by the client itself: for us that is an outage too.
    except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
        reason = f"RabbitMQ: {error or type(error).__name__}"
        raise BusUnavailableError(reason, is_lasting=isinstance(error, ChannelNotFoundEntity)) from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise BusUnavailableError("RabbitMQ: the connection was closed") from error


async def open_connection(settings: BusSettings) -> AbstractConnection:
    """Returns a new connection, which the caller closes; raises BusUnavailableError."""
    try:
        return await aio_pika.connect(settings.url, timeout=settings.timeout_s, heartbeat=HEARTBEAT_S)
    except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
        raise BusUnavailableError(f"RabbitMQ: {error or type(error).__name__}", is_lasting=True) from error


class SharedConnection:
    """One connection for publishing and for looking after queues."""

    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._connection: AbstractConnection | None = None
        self._opening = asyncio.Lock()

    async def get(self) -> AbstractConnection:
        """Returns the open connection."""
        async with self._opening:
            if self._connection is None or not _is_open(self._connection):
                self._connection = await open_connection(self._settings)
            return self._connection

    @asynccontextmanager
    async def channel(self) -> AsyncIterator[AbstractChannel]:
        """Opens a channel for the block; errors come out as BusUnavailableError."""
        with rabbit_errors():
            async with asyncio.timeout(self._settings.timeout_s):
                channel = await (await self.get()).channel(publisher_confirms=True)
            try:
                yield channel
            finally:
                if not channel.is_closed:
                    await channel.close()

    async def close(self) -> None:
        """Closes the connection; the next use opens another."""
        async with self._opening:
            connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed:
            await connection.close()


def _is_open(connection: AbstractConnection) -> bool:
    """Says whether it can be used; its own `is_closed` knows nothing of an end made by the other side."""
    transport = connection.transport
    return not connection.is_closed and transport is not None and not transport.connection.is_closed
