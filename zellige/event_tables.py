"""Events as tables for people, and as JSON lines for tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from subgraphs.kit.events.bus import Backlog, DeadLetter
from subgraphs.kit.events.outbox_queries import OutboxState
from subgraphs.kit.events.outbox_search import OutboxRecord, OutboxRowState

STYLES = {OutboxRowState.poisoned: "red", OutboxRowState.retrying: "yellow"}
PLAIN_WIDTH = 200


def print_table(table: Table) -> None:
    """Prints a table on standard output, wide where no terminal sets the width."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)
    console.print(table)


def state_table(states: Mapping[str, OutboxState]) -> Table:
    """Returns how the outboxes stand."""
    table = Table(
        "outbox", "waiting", "retrying", "poisoned", "oldest", title="Outboxes", title_justify="left"
    )
    for domain, state in states.items():
        oldest = _moment(state.oldest_at) if state.oldest_at else ""
        style = "red" if state.poisoned else None
        counts = (state.waiting, state.retrying, state.poisoned)
        table.add_row(domain, *(str(count) for count in counts), oldest, style=style)
    return table


def backlog_table(backlogs: Sequence[Backlog]) -> Table:
    """Returns what the services have before them."""
    table = Table("service", "topic", "waiting", "dead", title="Consumers", title_justify="left")
    for each in backlogs:
        table.add_row(
            each.service, each.topic, str(each.waiting), str(each.dead), style="red" if each.dead else None
        )
    return table


def record_table(records: Sequence[tuple[str, OutboxRecord]]) -> Table:
    """Returns outbox rows."""
    table = Table("at", "domain", "type", "subject", "state", "id", title="Events", title_justify="left")
    for domain, record in records:
        state = record.state.value + (f": {escape(record.last_error)}" if record.last_error else "")
        cells = (_moment(record.occurred_at), domain, record.type, escape(record.subject), state)
        table.add_row(*cells, str(record.id), style=STYLES.get(record.state))
    return table


def dead_letter_table(letters: Sequence[DeadLetter]) -> Table:
    """Returns dead letters."""
    table = Table("buried", "service", "type", "subject", "reason", "id")
    for letter in letters:
        event = letter.event
        table.add_row(
            _moment(letter.buried_at),
            letter.service,
            event.type if event else "(no event)",
            escape(event.subject) if event else "",
            escape(letter.reason),
            str(letter.event_id or ""),
        )
    return table


def records_json(records: Sequence[tuple[str, OutboxRecord]]) -> str:
    """Returns outbox rows as JSON, one per line."""
    return _lines([{"domain": domain, **asdict(record)} for domain, record in records])


def dead_letters_json(letters: Sequence[DeadLetter]) -> str:
    """Returns dead letters as JSON, one per line."""
    return _lines(
        [
            {
                "service": letter.service,
                "id": letter.event_id,
                "reason": letter.reason,
                "buried_at": letter.buried_at,
                "event": orjson.Fragment(letter.event.to_json()) if letter.event else None,
                "body": None if letter.event else letter.body.decode(errors="replace"),
            }
            for letter in letters
        ]
    )


def _lines(rows: Sequence[Mapping[str, Any]]) -> str:
    # The database driver's UUIDs are of a class of its own, which orjson does not know.
    return "\n".join(orjson.dumps(row, default=str).decode() for row in rows)


def _moment(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
