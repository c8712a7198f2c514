"""The bus on RabbitMQ, put together."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import ChannelNotFoundEntity

from subgraphs.kit.events.bus import (
    Backlog,
    BusUnavailableError,
    DeadLetter,
    Delivery,
    LoggedEvent,
    Publication,
)
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.consumer import Subscription
from subgraphs.kit.events.rabbit_bus.connection import SharedConnection, rabbit_errors
from subgraphs.kit.events.rabbit_bus.dead_letters import list_dead_letters, revive
from subgraphs.kit.events.rabbit_bus.deliveries import message_of
from subgraphs.kit.events.rabbit_bus.log import end_of_log, read_log
from subgraphs.kit.events.rabbit_bus.receiver import receiving
from subgraphs.kit.events.rabbit_bus.topology import Topology
from subgraphs.kit.events.repeating import repeat

ALL_TOPICS = "*"

T = TypeVar("T")
_Waiting = dict[tuple[str, str], deque[Publication]]
"""What is not confirmed yet, by topic and subject, in order."""


@dataclass(frozen=True, slots=True)
class _Outlet:
    """What is published through, for as long as its connection lives."""

    connection: AbstractConnection
    channel: AbstractChannel
    exchange: AbstractExchange


class RabbitBus:
    """An `EventBus`; see the package for what it declares."""

    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._shared = SharedConnection(settings)
        self._topology = Topology(self._shared, settings)
        self._outlet: _Outlet | None = None
        self._logged: set[str] = set()
        self._turn = asyncio.Lock()

    async def publish(self, publications: Sequence[Publication]) -> Mapping[UUID, str]:
        """Sends the events and waits until the broker has confirmed each; those of a subject one by one."""
        waiting: _Waiting = defaultdict(deque)
        for publication in publications:
            waiting[publication.event.topic, publication.event.subject].append(publication)
        with rabbit_errors():
            async with self._turn, asyncio.timeout(self._settings.timeout_s):
                # What is not confirmed is sent again, as the relay would: receivers know an event by its id.
                await repeat(lambda: self._send(waiting))
        return {}

    async def subscribe(self, subscription: Subscription) -> None:
        """Declares the service's queues, and the logs of what it listens to."""
        await self._topology.declare_service(subscription)
        for topic in subscription.topics:
            await self._topology.declare_log(topic)

    def receive(
        self, subscription: Subscription, *, window: int
    ) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """Receives for the service."""
        return receiving(self._topology, self._settings, subscription, window)

    def read(self, topic: str, after: str | None = None) -> AsyncIterator[LoggedEvent]:
        """Yields the topic's events after the position, then each new one."""
        return read_log(self._topology, self._settings, topic, after)

    async def end_of(self, topic: str) -> str:
        """Returns the position after everything published so far."""
        return await end_of_log(self._topology, self._settings, topic)

    async def dead_letters(self, service: str, *, count_max: int) -> list[DeadLetter]:
        """Returns the oldest dead letters of the service."""
        try:
            return await list_dead_letters(self._shared, self._topology.names, service, count_max)
        except BusUnavailableError as error:
            return _none_when_absent(error, [])

    async def revive(self, service: str, event_ids: Collection[UUID] | None = None) -> int:
        """Hands dead letters to their service again."""
        try:
            return await revive(self._shared, self._topology.names, service, event_ids)
        except BusUnavailableError as error:
            return _none_when_absent(error, 0)

    async def backlogs(self, services: Mapping[str, Subscription]) -> list[Backlog]:
        """Returns what waits in the services' queues; what is handed out just now is not counted."""
        names = self._topology.names
        return [
            Backlog(
                service,
                ALL_TOPICS,
                await self._count(names.service(service)),
                await self._count(names.dead_of(service)),
            )
            for service in services
        ]

    async def trim(self) -> None:
        """Does nothing: the broker keeps to the logs' age by itself."""

    async def ping(self) -> None:
        """Raises BusUnavailableError when the broker does not answer."""
        async with self._shared.channel():
            return

    async def close(self) -> None:
        """Ends all connections."""
        with rabbit_errors():
            await self._shared.close()

    async def _send(self, waiting: _Waiting) -> None:
        with rabbit_errors():
            exchange = await self._open_exchange()
            await self._ensure_logs({topic for topic, _ in waiting})
            sending = [_send_in_order(exchange, of_subject) for of_subject in waiting.values()]
            for result in await asyncio.gather(*sending, return_exceptions=True):
                if isinstance(result, BaseException):
                    raise result

    async def _open_exchange(self) -> AbstractExchange:
        connection = await self._shared.get()
        outlet = self._outlet
        if outlet is None or outlet.channel.is_closed or outlet.connection is not connection:
            self._logged.clear()
            channel = await connection.channel(publisher_confirms=True)
            outlet = _Outlet(connection, channel, await self._topology.declare_events(channel))
            self._outlet = outlet
        return outlet.exchange

    async def _ensure_logs(self, topics: set[str]) -> None:
        for topic in topics - self._logged:
            await self._topology.declare_log(topic)
            self._logged.add(topic)

    async def _count(self, queue: str) -> int:
        try:
            async with self._shared.channel() as channel:
                found = await channel.declare_queue(queue, passive=True)
                return found.declaration_result.message_count or 0
        except BusUnavailableError as error:
            return _none_when_absent(error, 0)


async def _send_in_order(exchange: AbstractExchange, publications: deque[Publication]) -> None:
    while publications:
        event = publications[0].event
        # Not `mandatory`: each topic's log is bound, so nothing is unroutable.
        await exchange.publish(message_of(event), routing_key=event.type, mandatory=False)
        publications.popleft()


def _none_when_absent(error: BusUnavailableError, none: T) -> T:
    if isinstance(error.__cause__, ChannelNotFoundEntity):
        return none
    raise error
