"""Asking for a job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from arq.connections import ArqRedis
from arq.jobs import Job as ArqJob
from arq.jobs import ResultNotFound, SerializationError
from redis.asyncio import ConnectionPool

from subgraphs.kit.ids import new_id
from subgraphs.kit.jobs.declaration import queue_of
from subgraphs.kit.settings import KitSettings

# arq throws a job away that has waited longer; a queue that stood still for a holiday must not be empty then.
WAIT_DAYS_MAX = 30
POLL_S = 0.1


class JobFailedError(Exception):
    """The job ended without a result; the message is what it raised at last."""


@dataclass(frozen=True, slots=True)
class JobHandle:
    """A job that was asked for."""

    job_id: str
    _arq: ArqJob

    async def result(self, timeout_s: float) -> Any:
        """Returns what the job returned, as JSON; raises JobFailedError, TimeoutError when it is not done."""
        try:
            return await self._arq.result(timeout=timeout_s, poll_delay=POLL_S)
        except ResultNotFound as error:
            raise JobFailedError("the result is not kept any more") from error
        except SerializationError as error:
            # What a job raised is kept as text, which arq takes for an exception that cannot be read.
            raise JobFailedError(str(error)) from error


class JobQueue:
    """One domain's queue. Arguments and results are JSON values."""

    def __init__(self, settings: KitSettings, domain: str) -> None:
        self.domain = domain
        self._name = queue_of(domain, settings.event_bus_name)
        self.redis = connect(settings, self._name)

    async def enqueue(
        self, name: str, *arguments: Any, key: str | None = None, after_s: float = 0.0
    ) -> JobHandle | None:
        """Asks for a job, `after_s` seconds from now.

        Of one `key` there is one job: while it waits, runs, or its result is kept, None is returned.
        """
        job_id = f"{self._name}:{name}:{key if key is not None else new_id()}"
        found = await self.redis.enqueue_job(
            name,
            *arguments,
            _job_id=job_id,
            _queue_name=self._name,
            _defer_by=timedelta(seconds=after_s) if after_s > 0 else None,
        )
        return JobHandle(job_id, found) if found is not None else None

    async def waiting(self) -> int:
        """Returns how many jobs wait or run."""
        return int(await self.redis.zcard(self._name))

    async def close(self) -> None:
        """Ends the connections."""
        await self.redis.aclose(close_connection_pool=True)


def connect(settings: KitSettings, queue_name: str) -> ArqRedis:
    """Returns arq's client; it connects when it is first used, and speaks JSON, never pickle."""
    # No `socket_timeout`: redis-py 5.3 loses cancellations with it.
    pool = ConnectionPool.from_url(settings.redis_url, socket_connect_timeout=5.0)
    return ArqRedis(
        pool_or_conn=pool,
        job_serializer=dump,
        job_deserializer=orjson.loads,
        default_queue_name=queue_name,
        expires_extra_ms=WAIT_DAYS_MAX * 86_400_000,
    )


def dump(value: Any) -> bytes:
    """Returns the JSON of a job or a result; an exception becomes its text."""
    return orjson.dumps(value, default=_as_text)


def _as_text(value: Any) -> Any:
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    raise TypeError(f"{type(value).__name__} is no JSON value")
