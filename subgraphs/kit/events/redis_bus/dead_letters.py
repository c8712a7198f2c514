"""The dead letters of a service, looked at and handed out again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from subgraphs.kit.events.bus import DeadLetter
from subgraphs.kit.events.redis_bus.entries import Fields, event_of
from subgraphs.kit.events.redis_bus.keys import Keys
from subgraphs.kit.events.redis_bus.scripts import REVIVE, run_script
from subgraphs.kit.ids import read_id

PAGE = 500


async def list_dead_letters(redis: Redis, keys: Keys, service: str, count_max: int) -> list[DeadLetter]:
    """Returns the oldest dead letters of the service, of all topics."""
    letters: list[DeadLetter] = []
    for topic in await topics_of(redis, keys):
        entries = await redis.xrange(keys.dead(topic, service), count=count_max)
        letters += [_letter_of(service, fields) for _, fields in entries]
    return sorted(letters, key=lambda letter: letter.buried_at)[:count_max]


async def revive(redis: Redis, keys: Keys, service: str, event_ids: Collection[UUID] | None) -> int:
    """Hands these dead letters to the service again and returns how many."""
    revived = 0
    for topic in await topics_of(redis, keys):
        dead, again = keys.dead(topic, service), keys.again(topic, service)
        last = "-"
        while entries := await redis.xrange(dead, last, count=PAGE):
            for entry_id, fields in entries:
                if event_ids is None or read_id(fields[b"id"].decode()) in event_ids:
                    arguments = (entry_id, fields[b"event"], fields[b"type"])
                    revived += await run_script(redis, REVIVE, [dead, again], *arguments)
            last = f"({entries[-1][0].decode()}"
    return revived


async def topics_of(redis: Redis, keys: Keys) -> list[str]:
    """Returns every topic that was ever published or subscribed to, sorted."""
    topics: Any = await redis.execute_command("SMEMBERS", keys.topics)
    return sorted(topic.decode() for topic in topics)


def _letter_of(service: str, fields: Fields) -> DeadLetter:
    return DeadLetter(
        service=service,
        event_id=read_id(fields[b"id"].decode()),
        reason=fields[b"reason"].decode(),
        buried_at=datetime.fromisoformat(fields[b"at"].decode()),
        event=event_of(fields),
        body=fields[b"event"],
    )
