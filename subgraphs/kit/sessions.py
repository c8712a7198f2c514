"""Sessions whose statements take turns on one connection, for writing and for reading."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
STALE_CONNECTIONS_MAX = 100
"""How many pooled connections may be found closed, by a restart of the server, before one is given up."""


class TurnTakingSession(AsyncSession):
    """A session whose statements run one after another, however many resolvers await it at once.

    `scalars` is not here: it goes through `execute` and would wait for itself.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turn = asyncio.Lock()

    async def _ready(self) -> None:
        """Makes the session ready for a statement; called in its turn."""

    async def execute(self, *args: Any, **options: Any) -> Any:
        async with self._turn:
            await self._ready()
            return await super().execute(*args, **options)

    async def scalar(self, *args: Any, **options: Any) -> Any:
        async with self._turn:
            await self._ready()
            return await super().scalar(*args, **options)

    async def get(self, *args: Any, **options: Any) -> Any:
        async with self._turn:
            await self._ready()
            return await super().get(*args, **options)

    async def refresh(self, *args: Any, **options: Any) -> None:
        async with self._turn:
            await self._ready()
            await super().refresh(*args, **options)

    async def flush(self, *args: Any, **options: Any) -> None:
        async with self._turn:
            await super().flush(*args, **options)

    async def close(self) -> None:
        async with self._turn:
            await super().close()


class SnapshotSession(TurnTakingSession):
    """Reads one snapshot on one connection, which it takes at its first statement, not before.

    Prepared statements go to the driver itself (`fetch`), all others through SQLAlchemy; both see the same
    snapshot. SQLAlchemy is told to leave transactions alone: this session begins and ends its own.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(expire_on_commit=False, autoflush=False)
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._driver: Any = None
        self._is_bound = False

    async def fetch(self, sql: str, arguments: Sequence[Any]) -> list[asyncpg.Record]:
        """Returns the rows as the driver has them; its errors as SQLAlchemy's.

        The driver keeps the prepared statement with the connection, by its text.
        """
        async with self._turn:
            driver = self._driver or await self._begin()
            noted = self._engine.sync_engine.dispatch.before_cursor_execute
            if noted:
                noted(None, None, sql, arguments, None, False)
            try:
                return await driver.fetch(sql, *arguments)
            except _DRIVER_ERRORS as error:
                raise _told(error, sql, driver) from error

    async def _ready(self) -> None:
        if self._is_bound:
            return
        if self._driver is None:
            await self._begin()
        assert self._connection is not None, "there is one since the transaction began"
        self.sync_session.bind = self._connection.sync_connection
        self._is_bound = True

    async def _begin(self) -> Any:
        connection, driver = await self._connect()
        self._connection = connection
        try:
            await driver.execute(_BEGIN_SNAPSHOT)
        except BaseException as error:
            await self._disconnect(is_sound=False)
            if isinstance(error, _DRIVER_ERRORS):
                raise _told(error, _BEGIN_SNAPSHOT, driver) from error
            raise
        self._driver = driver
        return driver

    async def _connect(self) -> tuple[AsyncConnection, Any]:
        connection = await self._engine.connect()
        for _ in range(STALE_CONNECTIONS_MAX):
            if not _driver_of(connection).is_closed():
                break
            await connection.invalidate()
            await connection.close()
            connection = await self._engine.connect()
        return connection, _driver_of(connection)

    async def close(self) -> None:
        async with self._turn:
            if self._is_bound:
                self._is_bound = False
                await AsyncSession.close(self)
                self.sync_session.bind = None
            if self._connection is not None:
                await self._end()

    async def _end(self) -> None:
        is_sound = False
        try:
            if not self._driver.is_closed():
                await self._driver.execute("ROLLBACK")
                is_sound = True
        finally:
            await self._disconnect(is_sound=is_sound)

    async def _disconnect(self, *, is_sound: bool) -> None:
        """Gives the connection back; one of which nobody knows in what transaction it is, is closed."""
        connection, self._connection, self._driver = self._connection, None, None
        assert connection is not None, "called while there is one"
        if not is_sound:
            await connection.invalidate()
        await connection.close()


def _told(error: Exception, sql: str, driver: Any) -> DBAPIError:
    """Returns the driver's error as SQLAlchemy tells it; without the arguments, for it goes to the log."""
    return DBAPIError(sql, None, error, connection_invalidated=driver.is_closed())


def _driver_of(connection: AsyncConnection) -> Any:
    sync_connection = connection.sync_connection
    assert sync_connection is not None, "it is connected"
    return sync_connection.connection.driver_connection
