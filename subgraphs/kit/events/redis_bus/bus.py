"""The bus on Redis Streams, put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

from redis.asyncio import Redis

from subgraphs.kit.events.bus import Backlog, DeadLetter, Delivery, LoggedEvent, Publication
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.consumer import Subscription
from subgraphs.kit.events.redis_bus.dead_letters import list_dead_letters, revive
from subgraphs.kit.events.redis_bus.keys import Keys
from subgraphs.kit.events.redis_bus.log import end_of_log, read_log
from subgraphs.kit.events.redis_bus.outage import answering
from subgraphs.kit.events.redis_bus.receiver import Receiver, ensure_group
from subgraphs.kit.events.redis_bus.scripts import PUBLISH
from subgraphs.kit.events.redis_bus.upkeep import backlog_of, trim_logs
from subgraphs.kit.events.repeating import repeat

# A relay that died while publishing is followed by another within seconds; this is ample.
SEEN_SECONDS = 1_800
CONNECT_SECONDS_MAX = 5.0


class RedisBus:
    """An `EventBus`; see the package for what it keeps where."""

    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._keys = Keys(settings.name)
        self._redis = Redis.from_url(
            settings.url,
            socket_connect_timeout=CONNECT_SECONDS_MAX,
        )

    async def publish(self, publications: Sequence[Publication]) -> Mapping[UUID, str]:
        """Keeps the events; Redis refuses none in particular."""
        by_topic: dict[str, list[Publication]] = defaultdict(list)
        for publication in publications:
            by_topic[publication.event.topic].append(publication)
        if by_topic:
            # The marks make a second time harmless.
            await repeat(lambda: self._publish(by_topic))
        return {}

    async def subscribe(self, subscription: Subscription) -> None:
        """Makes the service's groups, at the end of each stream."""
        await repeat(lambda: self._subscribe(subscription))

    @asynccontextmanager
    async def receive(
        self, subscription: Subscription, *, window: int
    ) -> AsyncIterator[AsyncIterator[Delivery]]:
        """Receives for the service."""
        async with Receiver(self._redis, self._settings, subscription, window) as deliveries:
            yield deliveries

    def read(self, topic: str, after: str | None = None) -> AsyncIterator[LoggedEvent]:
        """Yields the topic's events after the position, then each new one."""
        return read_log(self._redis, self._settings, topic, after)

    async def end_of(self, topic: str) -> str:
        """Returns the position after everything published so far."""

        async def find() -> str:
            async with self._answering():
                return await end_of_log(self._redis, self._keys, topic)

        return await repeat(find)

    async def dead_letters(self, service: str, *, count_max: int) -> list[DeadLetter]:
        """Returns the oldest dead letters of the service."""
        async with self._answering():
            return await list_dead_letters(self._redis, self._keys, service, count_max)

    async def revive(self, service: str, event_ids: Collection[UUID] | None = None) -> int:
        """Hands dead letters to their service again."""
        async with self._answering():
            return await revive(self._redis, self._keys, service, event_ids)

    async def backlogs(self, services: Mapping[str, Subscription]) -> list[Backlog]:
        """Returns how much these services have before them."""
        async with self._answering():
            return [
                await backlog_of(self._redis, self._keys, service, topic)
                for service, subscription in services.items()
                for topic in subscription.topics
            ]

    async def trim(self) -> None:
        """Deletes what is older than the retention and needed by no service."""
        async with self._answering():
            await trim_logs(self._redis, self._settings)

    async def ping(self) -> None:
        """Raises BusUnavailableError when Redis does not answer."""
        async with self._answering():
            await self._redis.ping()

    async def close(self) -> None:
        """Ends all connections."""
        await self._redis.aclose()

    async def _publish(self, by_topic: Mapping[str, Sequence[Publication]]) -> None:
        async with self._answering(), self._redis.pipeline(transaction=False) as pipe:
            pipe.sadd(self._keys.topics, *by_topic)
            for topic, of_topic in by_topic.items():
                marks = [self._keys.seen(publication) for publication in of_topic]
                arguments = [part for publication in of_topic for part in _arguments(publication)]
                pipe.eval(
                    PUBLISH,
                    1 + len(marks),
                    self._keys.stream(topic),
                    *marks,
                    str(SEEN_SECONDS),
                    *arguments,  # pyright: ignore[reportArgumentType]  # bytes are as good as text
                )
            await pipe.execute()

    async def _subscribe(self, subscription: Subscription) -> None:
        async with self._answering():
            if subscription.topics:
                await self._redis.execute_command("SADD", self._keys.topics, *subscription.topics)
            for topic in subscription.topics:
                await ensure_group(self._redis, self._keys.stream(topic), subscription.service, "$")

    def _answering(self) -> AbstractAsyncContextManager[None]:
        return answering(self._settings.timeout_s)


def _arguments(publication: Publication) -> tuple[str | bytes, ...]:
    event = publication.event
    return event.type, event.subject, str(event.tenant or ""), event.to_json()
