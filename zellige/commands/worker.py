"""`zellige worker`: everything the domains do beside answering."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from zellige.assembly.background import ALL_PARTS, Background, Part
from zellige.assembly.domains import create_domain, pick_domains, settings_with_own_keys
from zellige.assembly.logs import log_for_reader
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import say

app = command_app()


@app.command()
def worker(
    config: Annotated[Path, typer.Option(help="The file that names the subgraphs.")] = DEFAULT_PATH,
    only: Annotated[
        list[Part] | None, typer.Option(help="Only this part of the work; may be repeated.")
    ] = None,
    domain: Annotated[str | None, typer.Option(help="Only this domain; all of them when left out.")] = None,
) -> None:
    """Relays the domains' events, calls their consumers and runs their jobs.

    Any number of workers share the work. Settings as for `zellige subgraph`, and EVENT_BUS_URL (redis://...
    or amqp://...; REDIS_URL when it is left out). An engine that is away is waited for. After SIGTERM or
    Ctrl-C what is in hand is finished, within 20 seconds; the rest is another worker's.

    \b
    Examples:
      REDIS_URL=redis://localhost:6379/0 zellige worker
      EVENT_BUS_URL=amqp://me:secret@rabbitmq:5672/ zellige worker --only relay --only consumers
      zellige worker --domain orders --only jobs
    """
    log_for_reader()
    parts = frozenset(only) if only else ALL_PARTS
    asyncio.run(work(config, domain, parts))


async def work(config: Path, domain: str | None, parts: frozenset[Part]) -> None:
    """Does the background work until SIGTERM or SIGINT comes and what was in hand is finished."""
    settings = settings_with_own_keys()
    entries = pick_domains(read_supergraph_file(config), domain)
    domains = [(entry, create_domain(entry, settings)) for entry in entries]
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    say(f"The worker works: {', '.join(sorted(parts))} of {', '.join(app.name for _, app in domains)}.")
    try:
        await Background(domains, settings, parts).run(stop)
    finally:
        for _, each in domains:
            await each.shutdown()
    say("The worker stopped.")
