"""Stream entries as the bus hands them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from redis.asyncio import Redis

from subgraphs.kit.events.cloud_event import CloudEvent, MalformedEventError
from subgraphs.kit.events.redis_bus.outage import answering

Fields = Mapping[bytes, bytes]


class HasRoom(Protocol):
    """What bounds the deliveries that are out."""

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Group:
    """One service's group on one stream, and where its dead letters go."""

    redis: Redis
    stream: str
    service: str
    dead: str
    timeout_s: float
    is_log: bool
    """Entries of a log stay after they were acknowledged; those handed out again go."""


@dataclass(frozen=True, slots=True)
class RedisDelivery:
    """An entry handed to a service."""

    group: Group
    entry_id: bytes
    body: bytes
    event: CloudEvent | None
    deliveries: int
    room: HasRoom

    async def ack(self) -> None:
        """Says that the event has had its effect."""
        self.room.release()
        async with answering(self.group.timeout_s), self.group.redis.pipeline(transaction=True) as pipe:
            self._end(pipe)
            await pipe.execute()

    async def bury(self, reason: str) -> None:
        """Puts the event into the service's stream of dead letters, at one blow with its acknowledgement."""
        self.room.release()
        letter = {
            "event": self.body,
            "id": str(self.event.id) if self.event else "",
            "type": self.event.type if self.event else "",
            "reason": reason,
            "at": datetime.now(UTC).isoformat(),
        }
        async with answering(self.group.timeout_s), self.group.redis.pipeline(transaction=True) as pipe:
            pipe.xadd(self.group.dead, letter)  # pyright: ignore[reportArgumentType]  # a plain dict will do
            self._end(pipe)
            await pipe.execute()

    def _end(self, pipe: Any) -> None:
        pipe.xack(self.group.stream, self.group.service, self.entry_id)
        if not self.group.is_log:
            pipe.xdel(self.group.stream, self.entry_id)


def event_of(fields: Fields) -> CloudEvent | None:
    """Returns the event of an entry, or None when it holds none."""
    try:
        return CloudEvent.from_json(fields[b"event"])
    except (KeyError, MalformedEventError):
        return None
