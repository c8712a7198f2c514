"""Receiving for one service: per topic a lease, what earlier receivers left unfinished, then what is new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.consumer import Subscription
from subgraphs.kit.events.redis_bus.entries import Fields, Group, RedisDelivery, event_of
from subgraphs.kit.events.redis_bus.keys import Keys
from subgraphs.kit.events.redis_bus.lease import Lease, LeaseLostError
from subgraphs.kit.events.redis_bus.outage import answering
from subgraphs.kit.ids import new_id

READ_COUNT_MAX = 64
BLOCK_MS = 2_000
IDLE_CONSUMER_MS = 3_600_000

Entries = Sequence[tuple[bytes | None, Fields | None]]
log = structlog.get_logger(__name__)


class Receiver:
    """Takes part in the receiving of one service; used as a context, its iterator yields deliveries."""

    def __init__(self, redis: Redis, settings: BusSettings, subscription: Subscription, window: int) -> None:
        self._room = asyncio.Semaphore(window)
        self._found: asyncio.Queue[RedisDelivery | BaseException] = asyncio.Queue()
        name = str(new_id())
        self._topics = [
            _Topic(redis, settings, subscription, topic, name, self._room, self._found)
            for topic in subscription.topics
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> AsyncIterator[RedisDelivery]:
        self._tasks = [asyncio.create_task(self._watch(topic)) for topic in self._topics]
        return self._deliveries()

    async def __aexit__(self, *_error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watch(self, topic: _Topic) -> None:
        try:
            await topic.run()
        except Exception as error:  # noqa: BLE001 - carried to whoever iterates, and raised there
            self._found.put_nowait(error)

    async def _deliveries(self) -> AsyncIterator[RedisDelivery]:
        while True:
            found = await self._found.get()
            if isinstance(found, BaseException):
                raise found
            yield found


class _Topic:
    """One topic of the service, for as long as the receiver lives."""

    def __init__(  # noqa: PLR0913, PLR0917 - made in one place, by the receiver
        self,
        redis: Redis,
        settings: BusSettings,
        subscription: Subscription,
        topic: str,
        name: str,
        room: asyncio.Semaphore,
        found: asyncio.Queue[RedisDelivery | BaseException],
    ) -> None:
        keys = Keys(settings.name)
        service, dead = subscription.service, keys.dead(topic, subscription.service)
        self._redis = redis
        self._types = {kind.encode() for kind in subscription.types}
        self._service = service
        self._name = name
        self._room = room
        self._found = found
        self._lease = Lease(redis, keys.lease(topic, service), name, settings.lease_s)
        self._timeout_s = settings.timeout_s
        log_group = Group(redis, keys.stream(topic), service, dead, self._timeout_s, is_log=True)
        again_group = Group(redis, keys.again(topic, service), service, dead, self._timeout_s, is_log=False)
        self._groups = {group.stream: group for group in (log_group, again_group)}

    async def run(self) -> None:
        """Receives whenever the lease is ours, until cancelled."""
        while True:
            if await self._lease.take():
                try:
                    await self._receive_while_held()
                finally:
                    await self._lease.give_back()
            else:
                await asyncio.sleep(self._lease.pause_s)

    async def _receive_while_held(self) -> None:
        receiving = asyncio.create_task(self._receive())
        keeping = asyncio.create_task(self._lease.keep())
        try:
            await asyncio.wait({receiving, keeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            receiving.cancel()
            keeping.cancel()
            ends = await asyncio.gather(receiving, keeping, return_exceptions=True)
        for end in ends:
            if isinstance(end, LeaseLostError):
                log.warning("event_lease_lost", service=self._service, streams=list(self._groups))
            elif isinstance(end, Exception):
                raise end

    async def _receive(self) -> None:
        for group in self._groups.values():
            async with answering(self._timeout_s):
                await ensure_group(self._redis, group.stream, self._service, "0")
                await self._forget_idle_consumers(group)
            await self._take_over(group)
        while True:
            await self._take_new()

    async def _take_over(self, group: Group) -> None:
        """Hands out, oldest first, what earlier receivers were given and did not end."""
        cursor: Any = "0-0"
        while True:
            async with answering(self._timeout_s):
                answer = await self._redis.xautoclaim(
                    group.stream, self._service, self._name, 0, cursor, count=READ_COUNT_MAX
                )
                cursor, entries = answer[0], answer[1]
                deliveries = await self._deliveries_of(group, entries)
            await self._offer(group, entries, deliveries)
            if cursor == b"0-0":
                return

    async def _deliveries_of(self, group: Group, entries: Entries) -> dict[bytes, int]:
        ids = [entry_id for entry_id, _ in entries if entry_id is not None]
        if not ids:
            return {}
        pending = await self._redis.xpending_range(
            group.stream, self._service, ids[0], ids[-1], len(ids), self._name
        )
        return {entry["message_id"]: entry["times_delivered"] for entry in pending}

    async def _take_new(self) -> None:
        async with answering(self._timeout_s + BLOCK_MS / 1000):
            try:
                answer = await self._redis.xreadgroup(
                    self._service,
                    self._name,
                    dict.fromkeys(self._groups, ">"),
                    count=READ_COUNT_MAX,
                    block=BLOCK_MS,
                )
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                # Redis lost its data under us: whatever it holds now was published since.
                for stream in self._groups:
                    await ensure_group(self._redis, stream, self._service, "0")
                return
        for stream, entries in answer:
            await self._offer(self._groups[stream.decode()], entries, {})

    async def _offer(self, group: Group, entries: Entries, deliveries: dict[bytes, int]) -> None:
        passed_over = [
            entry_id
            for entry_id, fields in entries
            if entry_id is not None and (not fields or fields.get(b"type") not in self._types)
        ]
        if passed_over:
            async with answering(self._timeout_s):
                await self._redis.xack(group.stream, self._service, *passed_over)
        for entry_id, fields in entries:
            if entry_id is None or not fields or fields.get(b"type") not in self._types:
                continue
            await self._room.acquire()
            self._found.put_nowait(
                RedisDelivery(
                    group,
                    entry_id,
                    fields.get(b"event", b""),
                    event_of(fields),
                    deliveries.get(entry_id, 1),
                    self._room,
                )
            )

    async def _forget_idle_consumers(self, group: Group) -> None:
        """Every receiver leaves its name in the group; names of the past go."""
        for consumer in await self._redis.xinfo_consumers(group.stream, self._service):
            if consumer["pending"] == 0 and consumer["idle"] > IDLE_CONSUMER_MS:
                await self._redis.xgroup_delconsumer(group.stream, self._service, consumer["name"])


async def ensure_group(redis: Redis, stream: str, service: str, start: str) -> None:
    """Makes the group, beginning at `start` ("$" is the stream's end), unless it is there."""
    try:
        await redis.xgroup_create(stream, service, start, mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
