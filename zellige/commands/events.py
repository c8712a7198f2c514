"""`zellige events`: looking after what the domains tell each other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from sqlalchemy.exc import SQLAlchemyError

from subgraphs.kit.events.bus import BEGINNING, BusUnavailableError, PositionLostError
from subgraphs.kit.events.outbox_search import OutboxFilter, OutboxRowState
from zellige.assembly.domains import settings_with_own_keys
from zellige.assembly.event_desk import EventDesk, event_desk
from zellige.assembly.event_tail import follow_topics
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import progress, say, write_result
from zellige.durations import read_duration
from zellige.errors import CommandFailed
from zellige.event_tables import (
    backlog_table,
    dead_letter_table,
    dead_letters_json,
    print_table,
    record_table,
    records_json,
    state_table,
)

app = command_app(
    no_args_is_help=True, help="Shows the domains' events: recorded, waiting, dead; replays and follows them."
)

ConfigOption = Annotated[Path, typer.Option(help="The file that names the subgraphs.")]
DomainOption = Annotated[str | None, typer.Option(help="Only the outbox of this domain.")]
ServiceOption = Annotated[str | None, typer.Option(help="Only this domain's consumers.")]
TypeOption = Annotated[str | None, typer.Option("--type", help="Only events of this type.")]
SinceOption = Annotated[str | None, typer.Option(help="Only events no older than this: 90s, 15m, 2h, 7d.")]
LimitOption = Annotated[int, typer.Option(help="Most rows shown.", min=1, max=10_000)]

T = TypeVar("T")


class Format(StrEnum):
    """How a result is written."""

    table = "table"
    json = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="table or json (one object per line).")]


@app.command("list")
def list_events(  # noqa: PLR0913, PLR0917 - the options of a command
    config: ConfigOption = DEFAULT_PATH,
    domain: DomainOption = None,
    state: Annotated[OutboxRowState | None, typer.Option(help="Only rows in this state.")] = None,
    type_: TypeOption = None,
    subject: Annotated[str | None, typer.Option(help="Only events of this subject.")] = None,
    since: SinceOption = None,
    limit: LimitOption = 20,
    format_: FormatOption = Format.table,
) -> None:
    """Shows how the outboxes and the consumers stand, and the newest events recorded.

    waiting: not published yet. retrying: tried in vain, and will be tried again. poisoned: given up; mend the
    cause, then `zellige events replay --state poisoned`. Exit code 1 when an engine cannot be reached.

    \b
    Examples:
      zellige events list
      zellige events list --state poisoned --domain orders
      zellige events list --type order.placed --since 2h --format json | jq .payload
    """
    age = read_duration(since)

    async def show(desk: EventDesk) -> None:
        wanted = OutboxFilter(state, type_, subject, desk.since(age))
        records = await desk.records(wanted, limit)
        if format_ is Format.json:
            write_result(records_json(records))
            return
        print_table(state_table(await desk.outbox_states()))
        if desk.subscriptions:
            print_table(backlog_table(await desk.backlogs()))
        print_table(record_table(records))

    _at_desk(config, domain, show)


@app.command()
def dead(
    config: ConfigOption = DEFAULT_PATH,
    service: ServiceOption = None,
    limit: LimitOption = 20,
    format_: FormatOption = Format.table,
) -> None:
    """Shows the events that consumers could not handle, with the reasons.

    \b
    Examples:
      zellige events dead
      zellige events dead --service notifications --format json
    """

    async def show(desk: EventDesk) -> None:
        letters = await desk.dead_letters(desk.services(service), limit)
        if format_ is Format.json:
            write_result(dead_letters_json(letters))
        elif letters:
            print_table(dead_letter_table(letters))
        else:
            say("There are no dead letters.")

    _at_desk(config, None, show)


@app.command()
def replay(  # noqa: PLR0913, PLR0917 - the options of a command
    event_ids: Annotated[
        list[UUID] | None, typer.Argument(help="Only these events, by id.", metavar="[ID]...")
    ] = None,
    config: ConfigOption = DEFAULT_PATH,
    dead_letters: Annotated[
        bool, typer.Option("--dead", help="Hand dead letters to their consumers again.")
    ] = False,
    service: ServiceOption = None,
    domain: DomainOption = None,
    state: Annotated[OutboxRowState | None, typer.Option(help="Only outbox rows in this state.")] = None,
    type_: TypeOption = None,
    since: SinceOption = None,
) -> None:
    """Hands dead letters to their consumers again, or publishes events from the outbox again.

    With --dead: dead letters of one service or of all. Without: rows of the outbox that were published (as
    long as they are kept) or poisoned; name them by id, --state, --type or --since. A consumer that has
    handled an event before does nothing when it comes again, so replaying too much does no harm.

    \b
    Examples:
      zellige events replay --dead --service notifications
      zellige events replay --dead 0192f0c1-2a3b-7c4d-8e5f-60718293a4b5
      zellige events replay --state poisoned --domain orders
      zellige events replay --type user.registered --since 7d
    """
    age, ids = read_duration(since), set(event_ids) if event_ids else None
    if dead_letters and (domain or state or type_ or age):
        raise typer.BadParameter("--dead goes with ids and --service only")
    if not dead_letters and not (ids or state or type_ or age):
        raise typer.BadParameter("say which: ids, --state, --type, --since, or --dead")
    if not dead_letters and service:
        raise typer.BadParameter("--service goes with --dead; the bus knows no way to one consumer else")

    async def send(desk: EventDesk) -> None:
        if dead_letters:
            count = await desk.revive(desk.services(service), ids)
            say(f"{count} dead letters are handed to their consumers again.")
            return
        wanted = OutboxFilter(state, type_, None, desk.since(age), ids)
        for name, count in (await desk.publish_again(wanted)).items():
            if count:
                say(f"{count} events of {name} wait to be published again.")
        say("`zellige worker` publishes what waits.")

    with progress("Replaying"):
        _at_desk(config, domain, send)


@app.command()
def tail(
    topics: Annotated[list[str] | None, typer.Argument(help="Topics, as `order`; all when left out.")] = None,
    config: ConfigOption = DEFAULT_PATH,
    type_: TypeOption = None,
    beginning: Annotated[
        bool, typer.Option("--beginning", help="Begin with the oldest event that is kept.")
    ] = False,
    after: Annotated[str | None, typer.Option(help="Go on after this position (of one topic).")] = None,
    format_: FormatOption = Format.table,
) -> None:
    """Follows the events as they are published; Ctrl-C ends it.

    Each line begins with the event's position in its topic, which --after takes.

    \b
    Examples:
      zellige events tail
      zellige events tail order stock --beginning
      zellige events tail order --after 1732112345678-0 --format json | jq .data
    """
    if after is not None and len(topics or ()) != 1:
        raise typer.BadParameter("--after is a position in one topic: name it")
    start = BEGINNING if beginning else after

    async def follow(desk: EventDesk) -> None:
        say("Waiting for events. Ctrl-C ends it.")
        async for line in follow_topics(desk, topics, start, type_, as_json=format_ is Format.json):
            write_result(line)

    _at_desk(config, None, follow)


def _at_desk(config: Path, domain: str | None, work: Callable[[EventDesk], Awaitable[T]]) -> T:
    async def run() -> T:
        settings = settings_with_own_keys()
        async with event_desk(read_supergraph_file(config), settings, domain) as desk:
            return await work(desk)

    try:
        return asyncio.run(run())
    except PositionLostError as error:
        raise CommandFailed(f"{error}. Begin anew with --beginning, or without a position") from error
    except BusUnavailableError as error:
        raise CommandFailed(
            f"The bus cannot be reached ({error}). EVENT_BUS_URL or REDIS_URL names it"
        ) from error
    except (SQLAlchemyError, OSError) as error:
        raise CommandFailed(f"A database cannot be read: {error}. Was `zellige migrate` run?") from error
