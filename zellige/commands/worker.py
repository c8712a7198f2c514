"""`zellige worker`: the domains' background work."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from redis.exceptions import RedisError

from zellige.assembly.domains import settings_with_own_keys
from zellige.assembly.jobs import run_jobs
from zellige.assembly.logs import log_for_reader
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import say
from zellige.errors import CommandFailed

app = command_app()


@app.command()
def worker(
    config: Annotated[Path, typer.Option(help="The file that names the subgraphs.")] = DEFAULT_PATH,
) -> None:
    """Runs the domains' background and scheduled jobs.

    Several workers share the work. Settings as for `zellige subgraph`. After SIGTERM or Ctrl-C another worker
    does the jobs in hand again: jobs are idempotent.

    \b
    Example:
      REDIS_URL=redis://localhost:6379/0 zellige worker
    """
    log_for_reader()
    settings = settings_with_own_keys()

    async def run() -> None:
        work = asyncio.create_task(run_jobs(read_supergraph_file(config), settings))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, work.cancel)
        say("The worker waits for jobs.")
        try:
            await work
        except asyncio.CancelledError:
            say("The worker stopped.")

    try:
        asyncio.run(run())
    except (RedisError, OSError) as error:
        address = settings.redis_url.rpartition("@")[2]  # without the password
        raise CommandFailed(f"Redis cannot be reached at {address}: {error}") from error
