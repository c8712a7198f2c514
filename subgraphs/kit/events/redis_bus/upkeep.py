"""How much waits, and how much may go."""

from __future__ import annotations

from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from subgraphs.kit.events.bus import Backlog
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.redis_bus.dead_letters import topics_of
from subgraphs.kit.events.redis_bus.keys import Keys
from subgraphs.kit.events.redis_bus.scripts import TRIM, run_script

COUNTED_MAX = 10_000

log = structlog.get_logger(__name__)


async def backlog_of(redis: Redis, keys: Keys, service: str, topic: str) -> Backlog:
    """Returns what waits for the service; what it will pass over counts until it has seen it."""
    waiting = 0
    for stream in (keys.stream(topic), keys.again(topic, service)):
        for group in await _groups(redis, stream):
            if group["name"] == service.encode():
                waiting += group["pending"] + await _lag(redis, stream, group)
    return Backlog(service, topic, waiting, await redis.xlen(keys.dead(topic, service)))


async def trim_logs(redis: Redis, settings: BusSettings) -> None:
    """Deletes what is past the retention and behind every service; past the bound it deletes in any case."""
    keys = Keys(settings.name)
    seconds, _ = await redis.time()
    horizon = (int((seconds - settings.retention_s) * 1000), 0)
    for topic in await topics_of(redis, keys):
        stream = keys.stream(topic)
        groups = await _groups(redis, stream)
        needed = [await _oldest_needed(redis, stream, group) for group in groups]
        oldest = min([horizon, *needed])
        if needed and min(needed) < horizon:
            slow = [group["name"].decode() for group in groups]
            log.warning("event_log_kept_for_services", topic=topic, services=slow)
        kept_from = f"{max(oldest[0], 0)}-{oldest[1]}"
        await run_script(redis, TRIM, [stream, keys.floor(topic)], kept_from, str(settings.log_entries_max))


async def _groups(redis: Redis, stream: str) -> list[dict[str, Any]]:
    try:
        return await redis.xinfo_groups(stream)
    except ResponseError as error:
        if "no such key" not in str(error):
            raise
        return []


async def _lag(redis: Redis, stream: str, group: dict[str, Any]) -> int:
    lag = group.get("lag")
    if lag is not None:
        return lag
    # Redis 6.2 does not tell, and 7 not always: counted then, up to a bound.
    after = f"({group['last-delivered-id'].decode()}"
    return len(await redis.xrange(stream, after, count=COUNTED_MAX))


async def _oldest_needed(redis: Redis, stream: str, group: dict[str, Any]) -> tuple[int, int]:
    oldest = group["last-delivered-id"]
    if group["pending"]:
        summary = await redis.xpending(stream, group["name"])
        oldest = summary["min"] or oldest
    milliseconds, _, counter = oldest.decode().partition("-")
    return int(milliseconds), int(counter)
