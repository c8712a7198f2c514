"""Jobs that were given up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from arq.connections import ArqRedis

from subgraphs.kit.jobs.declaration import queue_of
from subgraphs.kit.jobs.queue import JobQueue
from subgraphs.kit.settings import KitSettings

DEAD_MAX = 10_000
"""Most that are kept per domain; the oldest go."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that failed as often as it may."""

    job_id: str
    name: str
    arguments: list[Any]
    reason: str
    attempts: int
    died_at: datetime


def dead_key(settings: KitSettings, domain: str) -> str:
    """Returns the Redis key of the domain's dead jobs, a stream."""
    return f"{queue_of(domain, settings.event_bus_name)}:dead"


async def bury_job(redis: ArqRedis, key: str, job: DeadJob) -> None:
    """Keeps a job that was given up."""
    content = {
        "job_id": job.job_id,
        "name": job.name,
        "arguments": job.arguments,
        "reason": job.reason,
        "attempts": job.attempts,
        "died_at": job.died_at.astimezone(UTC).isoformat(),
    }
    await redis.xadd(key, {"job": orjson.dumps(content)}, maxlen=DEAD_MAX, approximate=True)


async def dead_jobs(queue: JobQueue, settings: KitSettings, *, count_max: int) -> list[DeadJob]:
    """Returns the oldest dead jobs of the domain."""
    entries = await queue.redis.xrange(dead_key(settings, queue.domain), count=count_max)
    return [_read(fields) for _, fields in entries]


async def revive_jobs(queue: JobQueue, settings: KitSettings, job_ids: Collection[str] | None = None) -> int:
    """Asks for these dead jobs (all when None) once more and returns how many."""
    key = dead_key(settings, queue.domain)
    revived, last = 0, "-"
    while entries := await queue.redis.xrange(key, last, count=PAGE):
        for entry_id, fields in entries:
            job = _read(fields)
            if job_ids is not None and job.job_id not in job_ids:
                continue
            # The entry goes last: a crash in between asks twice, which jobs bear, and never not at all.
            await queue.enqueue(job.name, *job.arguments)
            await queue.redis.xdel(key, entry_id)
            revived += 1
        last = f"({entries[-1][0].decode()}"
    return revived


def _read(fields: dict[bytes, bytes]) -> DeadJob:
    content = orjson.loads(fields[b"job"])
    return DeadJob(**{**content, "died_at": datetime.fromisoformat(content["died_at"])})
