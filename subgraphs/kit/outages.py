"""Telling a database that is away from a statement that was wrong."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from subgraphs.kit.database import Database

# Connection exceptions; too many connections; the server is being stopped, has crashed or is starting.
_CLASSES = ("08", "57P")
_STATES = frozenset({"53300"})


def is_outage(error: BaseException) -> bool:
    """Says whether the error means that the database was not to be had."""
    return any(_says_outage(each) for each in _chain(error))


async def is_away(database: Database) -> bool:
    """Says whether the database cannot be reached now."""
    try:
        await database.ping()
    except (DBAPIError, PoolTimeoutError, OSError):
        return True
    return False


def _says_outage(error: BaseException) -> bool:
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state in _STATES or state.startswith(_CLASSES)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__
