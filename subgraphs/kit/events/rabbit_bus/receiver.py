"""Receiving for one service: a consumer of its queue, on a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from subgraphs.kit.events.bus import BusUnavailableError
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.consumer import Subscription
from subgraphs.kit.events.rabbit_bus.connection import open_connection, rabbit_errors
from subgraphs.kit.events.rabbit_bus.deliveries import RabbitDelivery, event_of
from subgraphs.kit.events.rabbit_bus.topology import Topology

Found = asyncio.Queue[AbstractIncomingMessage | None]


@asynccontextmanager
async def receiving(
    topology: Topology, settings: BusSettings, subscription: Subscription, window: int
) -> AsyncIterator[AsyncIterator[RabbitDelivery]]:
    """Yields the deliveries; those not ended at the end of the block are handed out again, in their order."""
    with rabbit_errors():
        await topology.declare_service(subscription)
        connection = await open_connection(settings)
    try:
        with rabbit_errors():
            channel = await connection.channel(publisher_confirms=True)
            await channel.set_qos(prefetch_count=window)
            dead = await channel.get_exchange(topology.names.dead, ensure=False)
            queue = await channel.get_queue(topology.names.service(subscription.service), ensure=False)
            found: Found = asyncio.Queue()
            await tell_end(found, connection, channel)
            await queue.consume(found.put)
        yield (
            RabbitDelivery(subscription.service, message, event_of(message.body), dead)
            async for message in messages_of(found)
        )
    finally:
        with rabbit_errors():
            await connection.close()


async def tell_end(found: Found, connection: AbstractConnection, channel: AbstractChannel) -> None:
    """Makes the end of the channel, the connection or the consumer stand after the last message."""

    def end(*_: object) -> None:
        found.put_nowait(None)

    channel.close_callbacks.add(end)
    connection.close_callbacks.add(end)
    (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(end)


async def messages_of(found: Found) -> AsyncIterator[AbstractIncomingMessage]:
    """Yields messages; raises BusUnavailableError when no more can come."""
    while (message := await found.get()) is not None:
        yield message
    raise BusUnavailableError("RabbitMQ: the connection was closed")
