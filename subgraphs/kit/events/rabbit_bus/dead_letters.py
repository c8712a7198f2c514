"""The dead letters of a service, looked at and handed out again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from subgraphs.kit.events.bus import DeadLetter
from subgraphs.kit.events.rabbit_bus.connection import SharedConnection
from subgraphs.kit.events.rabbit_bus.deliveries import BURIED_AT, REASON, copy_of, event_of
from subgraphs.kit.events.rabbit_bus.topology import Names
from subgraphs.kit.ids import read_id


async def list_dead_letters(
    shared: SharedConnection, names: Names, service: str, count_max: int
) -> list[DeadLetter]:
    """Returns the oldest dead letters; they are taken and, by the end of the channel, given back."""
    letters: list[DeadLetter] = []
    async with shared.channel() as channel:
        async for message in _taken(channel, names, service):
            letters.append(_letter_of(service, message))
            if len(letters) == count_max:
                break
    return letters


async def revive(
    shared: SharedConnection, names: Names, service: str, event_ids: Collection[UUID] | None
) -> int:
    """Hands these dead letters to the service again; the others are given back by the end of the channel."""
    revived = 0
    async with shared.channel() as channel:
        async for message in _taken(channel, names, service):
            if event_ids is None or read_id(message.message_id or "") in event_ids:
                again = copy_of(message, {})
                await channel.default_exchange.publish(again, names.service(service), mandatory=True)
                await message.ack()
                revived += 1
    return revived


async def _taken(
    channel: AbstractChannel, names: Names, service: str
) -> AsyncIterator[AbstractIncomingMessage]:
    queue = await channel.declare_queue(names.dead_of(service), passive=True)
    # As many as stand there now: what dies meanwhile must not keep this going.
    for _ in range(queue.declaration_result.message_count or 0):
        message = await queue.get(fail=False)
        if message is None:
            return
        yield message


def _letter_of(service: str, message: AbstractIncomingMessage) -> DeadLetter:
    headers: Any = message.headers
    if REASON in headers:
        reason, buried_at = headers[REASON], datetime.fromisoformat(headers[BURIED_AT])
    else:
        death = (headers.get("x-death") or [{}])[0]
        reason = "its consumer ended over it again and again" if death else "unknown"
        buried_at = death.get("time") or datetime.now(UTC)
    event = event_of(message.body)
    return DeadLetter(service, event.id if event else None, reason, buried_at, event, message.body)
