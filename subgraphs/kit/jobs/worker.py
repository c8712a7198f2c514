"""Running one domain's jobs by arq.

arq counts a try when it begins; so a job whose worker dies is counted too, and one that always kills its
worker ends as a dead job like one that always raises. Errors and pauses are ours: arq is told to retry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from arq import Retry, Worker
from arq.cron import CronJob
from arq.cron import cron as arq_cron
from arq.worker import Function
from arq.worker import func as arq_function

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.jobs.dead import DeadJob, bury_job, dead_key
from subgraphs.kit.jobs.declaration import Job, JobContext, queue_of
from subgraphs.kit.jobs.queue import JobFailedError, connect, dump

DRAIN_SECONDS_MAX = 20.0
# arq's own limits only back ours up: a try that outlives its time by so much is cut off.
GRACE_S = 15.0
TRIES_BEYOND_MAX = 100
HEALTH_SECONDS = 30

log = structlog.get_logger(__name__)


class JobWorker:
    """The jobs of one domain."""

    def __init__(self, app: SubgraphApp, jobs: Sequence[Job]) -> None:
        names = [job.name for job in jobs]
        if len(set(names)) < len(names):
            raise ValueError(f"{app.name} has several jobs of one name among {', '.join(names)}")
        self._app = app
        self._jobs = tuple(jobs)

    async def run(self, stop: asyncio.Event) -> None:
        """Works until told to stop; jobs in hand have `DRAIN_SECONDS_MAX`, then another worker does them."""
        worker = self._make_worker()
        working = asyncio.create_task(worker.async_run())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                worker.allow_pick_jobs = False
                await _wait_for(worker, DRAIN_SECONDS_MAX)
                working.cancel()
            await asyncio.gather(working, return_exceptions=stop.is_set())
        finally:
            stopping.cancel()
            await _close(worker)

    def _make_worker(self) -> Worker:
        settings = self._app.settings
        queue = queue_of(self._app.name, settings.event_bus_name)
        return Worker(
            functions=[self._function_of(job) for job in self._jobs if job.at is None],
            cron_jobs=[self._cron_of(job, queue) for job in self._jobs if job.at is not None],
            queue_name=queue,
            health_check_key=f"{queue}:health",
            health_check_interval=HEALTH_SECONDS,
            redis_pool=connect(settings, queue),
            job_serializer=dump,
            job_deserializer=orjson.loads,
            max_tries=max(job.attempts_max for job in self._jobs) + TRIES_BEYOND_MAX,
            handle_signals=False,
            timezone=UTC,
            log_results=False,
        )

    def _function_of(self, job: Job) -> Function:
        async def call(ctx: dict[str, Any], *arguments: Any) -> Any:
            return await self._attempt(job, ctx, arguments)

        return arq_function(
            call,
            name=job.name,
            timeout=job.timeout_s + GRACE_S,
            keep_result=job.keep_result_s,
            max_tries=job.attempts_max + TRIES_BEYOND_MAX,
        )

    def _cron_of(self, job: Job, queue: str) -> CronJob:
        assert job.at is not None, "the caller has chosen those of the clock"

        async def call(ctx: dict[str, Any]) -> Any:
            context = JobContext(self._app, ctx["job_id"], ctx["job_try"])
            async with asyncio.timeout(job.timeout_s):
                return await job.run(context)

        at = job.at
        return arq_cron(
            call,
            # With the queue's name: arq keeps the jobs of all queues under one prefix.
            name=f"{queue}:{job.name}",
            month=_set(at.month),
            day=_set(at.day),
            weekday=_set(at.weekday),
            hour=_set(at.hour),
            minute=_set(at.minute),
            second=_set(at.second),
            timeout=job.timeout_s + GRACE_S,
        )

    async def _attempt(self, job: Job, ctx: dict[str, Any], arguments: Sequence[Any]) -> Any:
        attempt, job_id = ctx["job_try"], ctx["job_id"]
        if attempt > job.attempts_max:
            await self._bury(job, ctx, arguments, "its worker ended while it had this job in hand")
            raise JobFailedError("its worker ended again and again")
        limit = asyncio.timeout(job.timeout_s)
        try:
            async with limit:
                return await job.run(JobContext(self._app, job_id, attempt), *arguments)
        except Exception as error:
            reason = f"took longer than {job.timeout_s:g} s" if limit.expired() else _text(error)
            log.warning("job_failed", job_id=job_id, attempt=attempt, reason=reason, exc_info=error)
            if attempt >= job.attempts_max:
                await self._bury(job, ctx, arguments, reason)
                raise JobFailedError(reason) from error
            raise Retry(defer=job.backoff.pause_s(attempt)) from error

    async def _bury(self, job: Job, ctx: dict[str, Any], arguments: Sequence[Any], reason: str) -> None:
        dead = DeadJob(ctx["job_id"], job.name, list(arguments), reason, ctx["job_try"], datetime.now(UTC))
        log.error("job_dead", job_id=dead.job_id, reason=reason)
        await bury_job(ctx["redis"], dead_key(self._app.settings, self._app.name), dead)


async def _close(worker: Worker) -> None:
    """Ends what still runs, so that another worker does it, and the connections.

    `Worker.close` does the same by a method of redis-py that warns of its own end.
    """
    tasks = list(worker.tasks.values())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await worker.pool.aclose(close_connection_pool=True)


async def _wait_for(worker: Worker, seconds_max: float) -> None:
    if worker.tasks:
        await asyncio.wait(list(worker.tasks.values()), timeout=seconds_max)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _set(part: Any) -> set[int] | None:
    return None if part is None else set(part)
