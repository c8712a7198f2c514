"""Receiving for one service: a consumer of its queue, on a connection of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.consumer import Subscription
from subgraphs.kit.events.rabbit_bus.connection import rabbit_errors
from subgraphs.kit.events.rabbit_bus.consumption import consuming
from subgraphs.kit.events.rabbit_bus.deliveries import RabbitDelivery, event_of
from subgraphs.kit.events.rabbit_bus.topology import Topology


@asynccontextmanager
async def receiving(
    topology: Topology, settings: BusSettings, subscription: Subscription, window: int
) -> AsyncIterator[AsyncIterator[RabbitDelivery]]:
    """Yields the deliveries; those not ended at the end of the block are handed out again, in their order."""
    await topology.declare_service(subscription)
    queue = topology.names.service(subscription.service)
    async with consuming(settings, queue, window=window) as consumption:
        with rabbit_errors():
            dead = await consumption.channel.get_exchange(topology.names.dead, ensure=False)
        yield (
            RabbitDelivery(subscription.service, message, event_of(message.body), dead)
            async for message in consumption.messages()
        )
