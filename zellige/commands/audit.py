"""`zellige audit`: proving the audit trail whole, and taking it out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from zellige.assembly.audit_desk import AuditDesk, EntryFilter, audit_desk
from zellige.assembly.domains import settings_with_own_keys
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import progress, say, write_result
from zellige.durations import read_duration
from zellige.errors import CommandFailed
from zellige.event_tables import print_table

app = command_app(no_args_is_help=True, help="Proves the audit trail whole, and exports it.")

ConfigOption = Annotated[Path, typer.Option(help="The file that names the subgraphs.")]
DomainOption = Annotated[str | None, typer.Option(help="Only this domain's trail.")]
OrganizationOption = Annotated[UUID | None, typer.Option(help="Only the chain of this organization.")]

FAULTS_SHOWN_MAX = 100


@app.command()
def verify(
    config: ConfigOption = DEFAULT_PATH,
    domain: DomainOption = None,
    organization: OrganizationOption = None,
) -> None:
    """Walks every chain of the audit trail and compares it with the copies the audit domain keeps.

    A changed, removed, inserted or cut off entry is told with its chain and its place. Exit codes: 0 all
    chains hold, 1 at least one does not or a database cannot be read, 2 wrong usage.

    \b
    Examples:
      zellige audit verify
      zellige audit verify --domain orders --organization 0192f0c1-2a3b-7c4d-8e5f-60718293a4b5
    """
    table = Table("domain", "chain", "place", "fault", title="Faults", title_justify="left")
    counts = {"chains": 0, "entries": 0, "faults": 0}

    async def check(desk: AuditDesk) -> None:
        for each in desk.apps:
            report = await desk.verify(each, organization)
            counts["chains"] += report.chains
            counts["entries"] += report.entries
            counts["faults"] += len(report.faults)
            for fault in report.faults[: FAULTS_SHOWN_MAX - table.row_count]:
                table.add_row(each.name, str(fault.scope), str(fault.sequence), fault.reason)

    with progress("Verifying"):
        _at_desk(config, domain, check)
    walked = f"{counts['entries']} entries in {counts['chains']} chains"
    if counts["faults"]:
        print_table(table)
        raise CommandFailed(f"The audit trail was tampered with: {counts['faults']} faults in {walked}")
    say(f"The audit trail is whole: {walked}.")


@app.command()
def export(
    config: ConfigOption = DEFAULT_PATH,
    domain: DomainOption = None,
    organization: OrganizationOption = None,
    since: Annotated[str | None, typer.Option(help="Only entries no older than this: 90s, 15m, 7d.")] = None,
) -> None:
    """Writes entries as JSON, one object per line, chain by chain in their order.

    \b
    Examples:
      zellige audit export --organization 0192f0c1-2a3b-7c4d-8e5f-60718293a4b5 > audit.jsonl
      zellige audit export --domain orders --since 7d | jq 'select(.operation == "orderCancel")'
    """
    age: timedelta | None = read_duration(since)

    async def write(desk: AuditDesk) -> None:
        for each in desk.apps:
            wanted = EntryFilter(organization, each.clock.now() - age if age is not None else None)
            async for line in desk.lines(each, wanted):
                write_result(line)

    _at_desk(config, domain, write)


def _at_desk(config: Path, domain: str | None, work: Callable[[AuditDesk], Awaitable[None]]) -> None:
    async def run() -> None:
        entries = read_supergraph_file(config)
        async with audit_desk(entries, settings_with_own_keys(), domain) as desk:
            await work(desk)

    try:
        asyncio.run(run())
    except BrokenPipeError as gone:
        # Whoever read our lines has had enough of them.
        raise typer.Exit(1) from gone
    except (SQLAlchemyError, OSError) as error:
        raise CommandFailed(f"A database cannot be read: {error}. Was `zellige migrate` run?") from error
