"""What belongs to somebody, read from the databases themselves: ids, words, and a picture of every row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from subgraphs.kit.app import SubgraphApp

# Columns that say whose a row is.
OWNER_COLUMNS = ("organization_id", "user_id", "customer_id", "owner_id", "recipient_id")
WORD_LENGTH_MIN = 10
# What rows have that is nobody's secret: states, codes and the like are shorter or the same for all.
_COLUMNS = """
select table_name, column_name from information_schema.columns
where table_schema = 'public' and data_type in ('uuid', 'text', 'character varying')
"""


@dataclass(slots=True)
class Belongings:
    """By kind (a table's name in the singular) the ids; words nobody else should read; rows by table."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    open_words: set[str] = field(default_factory=set)
    draft_ids: set[str] = field(default_factory=set)
    rows: dict[str, str] = field(default_factory=dict)


async def belongings(
    apps: Iterable[SubgraphApp], owners: Mapping[str, str], open_tables: Iterable[str] = ()
) -> Belongings:
    """Returns what belongs to the owners, by id, in all domains; words of open tables are left out."""
    found = Belongings()
    open_names = frozenset(open_tables)
    for app in apps:
        async with app.database.read_session() as session:
            columns: dict[str, list[str]] = {}
            for table, column in (await session.execute(text(_COLUMNS))).all():
                columns.setdefault(table, []).append(column)
            for table, names in sorted(columns.items()):
                own = [name for name in OWNER_COLUMNS if name in names]
                if not own or table in {"outbox", "inbox", "idempotency_keys"}:
                    continue
                condition = " or ".join(f"{name}::text = any(:owners)" for name in own)
                statement = f"select to_jsonb(t) from {table} t where {condition} order by t::text"
                rows = [
                    row[0] for row in (await session.execute(text(statement), {"owners": list(owners)})).all()
                ]
                if rows:
                    _note(found, f"{app.name}.{table}", table, rows, is_open=table in open_names)
    # What the shop shows to everybody stands in orders and on shelves, too.
    found.words -= {*owners, *found.open_words}
    found.words |= found.draft_ids
    return found


def _note(found: Belongings, place: str, table: str, rows: list[dict[str, Any]], *, is_open: bool) -> None:
    written = json.dumps(rows, sort_keys=True, default=str).encode()
    found.rows[place] = hashlib.sha256(written).hexdigest()
    for row in rows:
        if isinstance(row.get("id"), str):
            found.ids.setdefault(_singular(table), []).append(row["id"])
        if str(row.get("status", "")).upper() == "DRAFT":
            found.draft_ids.add(row["id"])
        words = found.open_words if is_open else found.words
        for name, value in row.items():
            if isinstance(value, str) and len(value) >= WORD_LENGTH_MIN and not _is_time(name):
                words.add(value)


def _is_time(column: str) -> bool:
    return column.endswith(("_at", "_until", "_on"))


def _singular(table: str) -> str:
    if table.endswith("ies"):
        return table.removesuffix("ies") + "y"
    return table.removesuffix("es") if table.endswith(("sses", "xes")) else table.removesuffix("s")
