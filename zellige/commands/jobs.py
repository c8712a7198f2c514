"""`zellige jobs`: looking after the domains' background work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from redis.exceptions import RedisError
from rich.markup import escape
from rich.table import Table

from subgraphs.kit.jobs.dead import dead_jobs, revive_jobs
from subgraphs.kit.jobs.queue import JobQueue
from subgraphs.kit.settings import KitSettings
from zellige.assembly.background import find_jobs
from zellige.assembly.domains import pick_domains
from zellige.assembly.supergraph_file import DEFAULT_PATH, SubgraphEntry, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import say, write_result
from zellige.errors import CommandFailed
from zellige.event_tables import print_table

app = command_app(no_args_is_help=True, help="Shows the domains' jobs: what there is, what is dead; retries.")

ConfigOption = Annotated[Path, typer.Option(help="The file that names the subgraphs.")]
DomainOption = Annotated[str | None, typer.Option(help="Only this domain.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object per line instead of a table.")]

DEAD_SHOWN_MAX = 1_000


@app.command("list")
def list_jobs(config: ConfigOption = DEFAULT_PATH, domain: DomainOption = None) -> None:
    """Shows each domain's jobs, when the clock calls them, and how many requests wait.

    \b
    Example:
      zellige jobs list --domain orders
    """
    table = Table("domain", "job", "called", "waiting", "dead")

    async def show(entry: SubgraphEntry, queue: JobQueue, settings: KitSettings) -> None:
        waiting = await queue.waiting()
        dead = len(await dead_jobs(queue, settings, count_max=DEAD_SHOWN_MAX))
        for job in find_jobs(entry):
            called = "by the clock" if job.at is not None else "when asked for"
            table.add_row(
                entry.name, job.name, called, str(waiting), str(dead), style="red" if dead else None
            )

    _each_queue(config, domain, show)
    print_table(table)


@app.command()
def dead(
    config: ConfigOption = DEFAULT_PATH, domain: DomainOption = None, as_json: JsonOption = False
) -> None:
    """Shows the jobs that failed as often as they may, with the reasons.

    \b
    Examples:
      zellige jobs dead
      zellige jobs dead --domain notifications --json
    """
    table = Table("died", "domain", "job", "attempts", "reason", "id")

    async def show(entry: SubgraphEntry, queue: JobQueue, settings: KitSettings) -> None:
        for job in await dead_jobs(queue, settings, count_max=DEAD_SHOWN_MAX):
            if as_json:
                write_result(orjson.dumps({"domain": entry.name, **asdict(job)}).decode())
                continue
            died = job.died_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
            table.add_row(
                died, entry.name, job.name, str(job.attempts), escape(job.reason), escape(job.job_id)
            )

    _each_queue(config, domain, show)
    if table.row_count:
        print_table(table)
    elif not as_json:
        say("There are no dead jobs.")


@app.command()
def retry(
    job_ids: Annotated[
        list[str] | None, typer.Argument(help="Only these jobs, by id.", metavar="[ID]...")
    ] = None,
    config: ConfigOption = DEFAULT_PATH,
    domain: DomainOption = None,
) -> None:
    """Asks for dead jobs once more; all of them when no id is given.

    \b
    Examples:
      zellige jobs retry --domain notifications
      zellige jobs retry zellige:jobs:notifications:send_mail:0192f0c1-2a3b-7c4d-8e5f-60718293a4b5
    """

    async def again(entry: SubgraphEntry, queue: JobQueue, settings: KitSettings) -> None:
        count = await revive_jobs(queue, settings, set(job_ids) if job_ids else None)
        if count:
            say(f"{count} jobs of {entry.name} are asked for once more.")

    _each_queue(config, domain, again)


def _each_queue(
    config: Path,
    domain: str | None,
    work: Callable[[SubgraphEntry, JobQueue, KitSettings], Awaitable[None]],
) -> None:
    settings = KitSettings()

    async def run() -> None:
        for entry in pick_domains(read_supergraph_file(config), domain):
            queue = JobQueue(settings, entry.name)
            try:
                await work(entry, queue, settings)
            finally:
                await queue.close()

    try:
        asyncio.run(run())
    except (RedisError, OSError) as error:
        address = settings.redis_url.rpartition("@")[2]  # without the password
        raise CommandFailed(f"Redis cannot be reached at {address}: {error}. REDIS_URL names it") from error
