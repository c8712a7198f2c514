"""The exchanges and queues, declared by whoever needs them first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue
from aio_pika.exceptions import ChannelPreconditionFailed

from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.consumer import Subscription
from subgraphs.kit.events.rabbit_bus.connection import SharedConnection, rabbit_errors
from subgraphs.kit.events.repeating import repeat

# Retention deletes whole segments, so they are kept small; the default is 500 MB.
LOG_SEGMENT_BYTES = 20_000_000
LOG_ENTRY_BYTES = 1_000  # what an event takes about, to turn the bound on entries into one on bytes

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of everything, below the bus's own."""

    name: str

    @property
    def events(self) -> str:
        """The exchange all events are published to."""
        return f"{self.name}.events"

    @property
    def dead(self) -> str:
        """The exchange of dead letters."""
        return f"{self.name}.dead"

    def log(self, topic: str) -> str:
        """A topic's log."""
        return f"{self.name}.log.{topic}"

    def service(self, service: str) -> str:
        """A service's queue."""
        return f"{self.name}.service.{service}"

    def dead_of(self, service: str) -> str:
        """A service's dead letters."""
        return f"{self.name}.dead.{service}"


class Topology:
    """Declares what the bus needs; what stands already is left as it is."""

    def __init__(self, shared: SharedConnection, settings: BusSettings) -> None:
        self.shared = shared
        self._settings = settings
        self.names = Names(settings.name)
        # A log whose leader is starting looks whole to whoever declares it meanwhile, and publishing to it
        # then crashes the connection in the broker; so one at a time, here at least.
        self._turn = asyncio.Lock()

    async def declare_events(self, channel: AbstractChannel) -> AbstractExchange:
        """Returns the exchange of all events."""
        return await channel.declare_exchange(self.names.events, ExchangeType.TOPIC, durable=True)

    async def declare_log(self, topic: str) -> None:
        """Makes a topic's log, which holds what is published from then on."""
        arguments = {
            "x-queue-type": "stream",
            "x-max-age": f"{max(1, round(self._settings.retention_s))}s",
            "x-max-length-bytes": max(
                self._settings.log_entries_max * LOG_ENTRY_BYTES, 2 * LOG_SEGMENT_BYTES
            ),
            "x-stream-max-segment-size-bytes": LOG_SEGMENT_BYTES,
        }
        await self._in_turn(lambda: self._declare_log(topic, arguments))

    async def declare_service(self, subscription: Subscription) -> None:
        """Makes the queues of a service and binds what it subscribes to."""
        await self._in_turn(lambda: self._declare_service(subscription))

    async def _in_turn(self, step: Callable[[], Awaitable[None]]) -> None:
        async def take() -> None:
            with rabbit_errors():
                async with asyncio.timeout(self._settings.timeout_s):
                    await step()

        async with self._turn:
            await repeat(take)

    async def _declare_log(self, topic: str, arguments: dict[str, Any]) -> None:
        async with self.shared.channel() as channel:
            await self.declare_events(channel)
        await self._declare(self.names.log(topic), arguments, self.names.events, (f"{topic}.#",))

    async def _declare_service(self, subscription: Subscription) -> None:
        async with self.shared.channel() as channel:
            await self.declare_events(channel)
            await channel.declare_exchange(self.names.dead, ExchangeType.DIRECT, durable=True)
        service = subscription.service
        # Looking at dead letters hands them out and takes them back; a quorum queue counts that, and drops a
        # message that was looked at too often. A classic queue does not.
        await self._declare(self.names.dead_of(service), {}, self.names.dead, (service,))
        arguments = {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": self._settings.deliveries_max,
            "x-dead-letter-exchange": self.names.dead,
            "x-dead-letter-routing-key": service,
            # Together: a dead letter leaves its queue when it has arrived in the other, not before.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
        await self._declare(
            self.names.service(service), arguments, self.names.events, sorted(subscription.types)
        )

    async def _declare(self, name: str, arguments: dict[str, Any], exchange: str, keys: Any) -> None:
        """Declares and binds; a queue made under other settings is kept, for its arguments cannot change."""
        try:
            async with self.shared.channel() as channel:
                queue = await channel.declare_queue(name, durable=True, arguments=arguments)
                await _bind(queue, exchange, keys)
        except Exception as error:
            if not isinstance(error.__cause__, ChannelPreconditionFailed):
                raise
            log.warning("event_queue_kept_with_other_settings", queue=name, reason=str(error.__cause__))
            async with self.shared.channel() as channel:
                await _bind(await channel.get_queue(name), exchange, keys)


async def _bind(queue: AbstractQueue, exchange: str, keys: Any) -> None:
    for key in keys:
        await queue.bind(exchange, key)
