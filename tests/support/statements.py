"""Counts the SQL statements an engine runs, to hold lists to a constant number of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class StatementLog(list[str]):
    """The statements run so far, in order; BEGIN and COMMIT are the driver's and not among them."""


@contextmanager
def recorded_statements(engine: AsyncEngine) -> Iterator[StatementLog]:
    """Yields a log that grows with every statement of the engine until the block ends."""
    log = StatementLog()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        log.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield log
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
