"""Reading a topic's stream by position, for live feeds."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from subgraphs.kit.events.bus import BEGINNING, LoggedEvent, PositionLostError
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.redis_bus.entries import event_of
from subgraphs.kit.events.redis_bus.keys import Keys
from subgraphs.kit.events.redis_bus.outage import answering
from subgraphs.kit.events.repeating import repeat

READ_COUNT_MAX = 256
BLOCK_MS = 2_000
START = "0-0"
_POSITION = re.compile(r"\d{1,20}-\d{1,20}")


async def read_log(
    redis: Redis, settings: BusSettings, topic: str, after: str | None
) -> AsyncIterator[LoggedEvent]:
    """Yields the events after the position, then each new one."""
    keys = Keys(settings.name)
    position = await repeat(lambda: _first_position(redis, settings, topic, after))
    while True:
        async with answering(settings.timeout_s + BLOCK_MS / 1000):
            answer = await redis.xread({keys.stream(topic): position}, READ_COUNT_MAX, BLOCK_MS)
            if answer:
                # Only now: what is trimmed from here on, we have.
                await _check_kept(redis, keys, topic, position)
        for _, entries in answer:
            for entry_id, fields in entries:
                position = entry_id.decode()
                event = event_of(fields)
                if event is not None:
                    yield LoggedEvent(position, event)


async def _first_position(redis: Redis, settings: BusSettings, topic: str, after: str | None) -> str:
    keys = Keys(settings.name)
    async with answering(settings.timeout_s):
        if after == BEGINNING:
            return await _beginning(redis, keys, topic)
        position = await end_of_log(redis, keys, topic) if after is None else after
        await _check_within(redis, keys, topic, position)
        return position


async def end_of_log(redis: Redis, keys: Keys, topic: str) -> str:
    """Returns the id of the last entry ever added."""
    try:
        about = await redis.xinfo_stream(keys.stream(topic))
    except ResponseError as error:
        if "no such key" not in str(error):
            raise
        return START
    return about["last-generated-id"].decode()


async def _beginning(redis: Redis, keys: Keys, topic: str) -> str:
    floor = await redis.get(keys.floor(topic))
    if floor is None:
        return START
    milliseconds, counter = _parse(floor.decode())
    # The floor itself may be the first entry; a reader goes on *after* its position.
    return f"{milliseconds}-{counter - 1}" if counter else f"{milliseconds - 1}-{2**64 - 1}"


async def _check_within(redis: Redis, keys: Keys, topic: str, position: str) -> None:
    """Refuses what is no position, or one that a Redis which lost its data cannot know of."""
    if not _POSITION.fullmatch(position):
        raise PositionLostError(topic, position)
    if _parse(position) > _parse(await end_of_log(redis, keys, topic)):
        raise PositionLostError(topic, position)
    await _check_kept(redis, keys, topic, position)


async def _check_kept(redis: Redis, keys: Keys, topic: str, position: str) -> None:
    """Entries go oldest first: what followed is whole while the entry itself or the floor below it stands."""
    floor = await redis.get(keys.floor(topic))
    if floor is None or _parse(position) >= _parse(floor.decode()):
        return
    if position == await _beginning(redis, keys, topic):
        return
    if not await redis.xrange(keys.stream(topic), position, position, 1):
        raise PositionLostError(topic, position)


def _parse(position: str) -> tuple[int, int]:
    milliseconds, _, counter = position.partition("-")
    return int(milliseconds), int(counter)
