"""`zellige jobs` shows what is dead and asks for it again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner, Result

from subgraphs.kit.jobs.dead import DeadJob, bury_job, dead_key
from subgraphs.kit.jobs.queue import JobQueue
from tests.events.worker_processes import write_supergraph_file
from tests.support import database
from zellige.cli import app


@pytest.fixture
async def queue(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[JobQueue]:
    settings = database.test_settings("ztjc_", event_bus_name=f"ztjc-{uuid4().hex[:10]}")
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    monkeypatch.setenv("ZELLIGE_EVENT_BUS_NAME", settings.event_bus_name)
    queue = JobQueue(settings, "mirror")
    dead = DeadJob("mirror-1", "polish", ["left"], "ValueError: no [cloth]", 5, datetime.now(UTC))
    await bury_job(queue.redis, dead_key(settings, "mirror"), dead)
    yield queue
    await queue.close()
    async with Redis.from_url(settings.redis_url) as redis:
        async for key in redis.scan_iter(f"*{settings.event_bus_name}*", count=1000):
            await redis.delete(key)


async def run(folder: Path, *arguments: str) -> Result:
    config = ["--config", str(write_supergraph_file(folder))]
    result = await asyncio.to_thread(
        CliRunner().invoke, app, ["jobs", *arguments, *config], prog_name="zellige"
    )
    assert result.exit_code == 0, result.output
    return result


async def test_dead_jobs_are_shown_with_the_reason(queue: JobQueue, tmp_path: Path) -> None:
    assert "ValueError: no [cloth]" in (await run(tmp_path, "dead")).stdout
    (line,) = (await run(tmp_path, "dead", "--json")).stdout.splitlines()
    shown = json.loads(line)
    assert [shown[name] for name in ("domain", "name", "arguments", "attempts")] == [
        "mirror",
        "polish",
        ["left"],
        5,
    ]


async def test_dead_jobs_are_asked_for_once_more(queue: JobQueue, tmp_path: Path) -> None:
    assert (await run(tmp_path, "retry", "another")).stderr == ""
    assert await queue.waiting() == 0
    said = (await run(tmp_path, "retry", "--domain", "mirror")).stderr
    assert said == "1 jobs of mirror are asked for once more.\n"
    assert await queue.waiting() == 1
    assert "There are no dead jobs." in (await run(tmp_path, "dead")).stderr


async def test_the_platforms_jobs_are_listed(queue: JobQueue) -> None:
    result = await asyncio.to_thread(CliRunner().invoke, app, ["jobs", "list"], prog_name="zellige")
    assert result.exit_code == 0, result.output
    assert "reconcile_checkouts" in result.stdout
