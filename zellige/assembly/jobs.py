"""The domains' background work: one arq worker per domain, all in one process.

A domain with background work has `jobs.py` beside its `app.py`, with `FUNCTIONS` (called by name from its
queue) and `CRON_JOBS` (called by the clock); either may be absent. Each receives arq's context, in which
`app` is the domain's SubgraphApp.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from collections.abc import Iterable
from types import ModuleType

from arq import Worker
from arq.connections import RedisSettings

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.settings import KitSettings
from zellige.assembly.domains import create_domain, pick_domains
from zellige.assembly.supergraph_file import SubgraphEntry
from zellige.errors import CommandFailed

JOB_SECONDS_MAX = 300


async def run_jobs(entries: Iterable[SubgraphEntry], settings: KitSettings) -> None:
    """Runs every domain's jobs until cancelled, with domains of its own."""
    working = [entry for entry in pick_domains(entries) if find_jobs(entry) is not None]
    if not working:
        raise CommandFailed("None of the subgraphs has background work (a `jobs.py`)")
    domains = [create_domain(entry, settings) for entry in working]
    try:
        await work(zip(working, domains, strict=True), settings)
    finally:
        for domain in domains:
            await domain.shutdown()


async def work(domains: Iterable[tuple[SubgraphEntry, SubgraphApp]], settings: KitSettings) -> None:
    """Runs the jobs of these domains until cancelled; a job in hand is then done again later."""
    workers = [
        make_worker(domain, jobs, settings)
        for entry, domain in domains
        if (jobs := find_jobs(entry)) is not None
    ]
    try:
        await asyncio.gather(*(worker.async_run() for worker in workers))
    finally:
        for worker in workers:
            await worker.close()


def find_jobs(entry: SubgraphEntry) -> ModuleType | None:
    """Returns the domain's `jobs` module, or None when it has no background work."""
    assert entry.module is not None, "pick_domains leaves entries without code out"
    name = f"{entry.module.rpartition('.')[0]}.jobs"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def make_worker(domain: SubgraphApp, jobs: ModuleType, settings: KitSettings) -> Worker:
    """Returns the worker of one domain; its queue bears the domain's name."""
    return Worker(
        functions=list(getattr(jobs, "FUNCTIONS", ())),
        cron_jobs=list(getattr(jobs, "CRON_JOBS", ())) or None,
        queue_name=f"zellige:jobs:{domain.name}",
        health_check_key=f"zellige:jobs:{domain.name}:health",
        redis_settings=RedisSettings.from_dsn(settings.redis_url),
        ctx={"app": domain},
        job_timeout=JOB_SECONDS_MAX,
        handle_signals=False,
    )
