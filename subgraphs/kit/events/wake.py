"""Being woken when something was written to the outbox."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg
from sqlalchemy.engine import URL

from subgraphs.kit.kit_tables import OUTBOX_CHANNEL

CONNECT_SECONDS_MAX = 5.0


class OutboxWake:
    """Listens for the outbox's notifications; while it cannot, its waits end by their time alone."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: asyncpg.Connection | None = None
        self._woken = asyncio.Event()

    async def wait(self, seconds_max: float) -> None:
        """Returns when something was written since the last wait, or after the time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds_max):
                await self._woken.wait()
        self._woken.clear()

    def wake(self, *_: object) -> None:
        """Ends the wait."""
        self._woken.set()

    async def listen(self) -> None:
        """Connects unless it is connected; what was written before, the caller looks for afterwards."""
        if self._connection is not None and not self._connection.is_closed():
            return
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._connection = await asyncpg.connect(
                self._url, timeout=CONNECT_SECONDS_MAX, server_settings={"application_name": "outbox_wake"}
            )
            self._connection.add_termination_listener(self.wake)
            await self._connection.add_listener(OUTBOX_CHANNEL, self.wake)

    async def close(self) -> None:
        """Ends the connection."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=CONNECT_SECONDS_MAX)
