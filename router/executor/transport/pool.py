"""A bounded pool of keep-alive connections to one host, with a bounded queue in front of it.

A slot is the right to hold one open connection. An exchange takes an idle connection, else a free slot, else
waits in line for whichever the next exchange to end gives back. Connections are used last in, first out, so
that a quiet pool shrinks by idle time.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass

from router.executor.transport.connection import Connection
from router.executor.transport.failures import ConnectFault, QueueFullFault
from router.executor.transport.url import SubgraphUrl


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """The bounds of one pool; times in seconds."""

    connections_max: int
    queue_max: int
    connect_timeout_s: float
    idle_timeout_s: float
    response_bytes_max: int


class Pool:
    """Connections to one address, for use in one event loop."""

    def __init__(self, url: SubgraphUrl, limits: PoolLimits, tls: ssl.SSLContext | None = None) -> None:
        self._url = url
        self._limits = limits
        self._tls = tls
        self._idle: deque[Connection] = deque()
        self._taken: set[Connection] = set()
        self._slots_used = 0
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._is_closed = False

    async def take(self) -> tuple[Connection, bool]:
        """Returns a connection and whether it was used before; raises ConnectFault or QueueFullFault."""
        if self._is_closed:
            raise ConnectFault("the pool is closed")
        connection = self._pop_idle()
        if connection is None and self._slots_used >= self._limits.connections_max:
            connection = await self._wait_in_line()
        elif connection is None:
            self._slots_used += 1
        if connection is not None:
            self._taken.add(connection)
            return connection, True
        return await self.open_in_slot(), False

    async def replace(self, connection: Connection) -> Connection:
        """Returns a new connection in the slot of a stale one."""
        self._taken.discard(connection)
        connection.close()
        return await self.open_in_slot()

    def give_back(self, connection: Connection) -> None:
        """Ends the use of a connection; it is kept when it can serve again."""
        self._taken.discard(connection)
        if self._is_closed or not connection.is_reusable:
            connection.close()
            self._free_slot()
        elif not self._hand_over(connection):
            self._idle.append(connection)
            self._trim_idle()

    def close(self) -> None:
        """Closes every connection; exchanges under way and in line fail."""
        self._is_closed = True
        for connection in [*self._idle, *self._taken]:
            connection.close()
        self._idle.clear()
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(ConnectFault("the pool is closed"))

    async def open_in_slot(self) -> Connection:
        """Opens a connection for a slot the caller holds; the slot is freed when that fails."""
        try:
            connection = await self._connect()
        except BaseException:
            self._free_slot()
            raise
        if self._is_closed:
            connection.close()
            self._free_slot()
            raise ConnectFault("the pool is closed")
        self._taken.add(connection)
        return connection

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()

        def make() -> Connection:
            return Connection(response_bytes_max=self._limits.response_bytes_max)

        try:
            async with asyncio.timeout(self._limits.connect_timeout_s):
                if self._url.socket_path is not None:
                    _, connection = await loop.create_unix_connection(make, self._url.socket_path)
                else:
                    # No "happy eyeballs": in Python 3.11 a cancellation then leaks the socket that won.
                    _, connection = await loop.create_connection(
                        make, self._url.host, self._url.port, ssl=self._tls
                    )
        except TimeoutError as error:
            raise ConnectFault(f"no connection within {self._limits.connect_timeout_s} s") from error
        except OSError as error:  # ssl.SSLError and socket.gaierror are OSErrors
            raise ConnectFault(f"no connection: {error}") from error
        return connection

    def _pop_idle(self) -> Connection | None:
        oldest = self._oldest_idle_since()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable and connection.idle_since >= oldest:
                return connection
            self._drop(connection)
        return None

    def _trim_idle(self) -> None:
        # The left end was idle longest.
        oldest = self._oldest_idle_since()
        while self._idle and self._idle[0].idle_since < oldest:
            self._drop(self._idle.popleft())

    def _oldest_idle_since(self) -> float:
        return asyncio.get_running_loop().time() - self._limits.idle_timeout_s

    def _drop(self, connection: Connection) -> None:
        # Nobody is in line while a connection is idle, so the slot just becomes free.
        connection.close()
        self._slots_used -= 1

    async def _wait_in_line(self) -> Connection | None:
        """Returns a connection, or None when a slot to open one in was handed over."""
        if len(self._waiting) >= self._limits.queue_max:
            raise QueueFullFault(f"{len(self._waiting)} requests wait already")
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            self._leave_line(waiter)
            raise

    def _leave_line(self, waiter: asyncio.Future[Connection | None]) -> None:
        if waiter.cancelled() or not waiter.done():
            # Taking it out at once keeps the queue's length true.
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            return
        # What was handed over in the same turn of the loop must go on to the next in line.
        if waiter.exception() is not None:
            return
        connection = waiter.result()
        if connection is None:
            self._free_slot()
        else:
            self.give_back(connection)

    def _hand_over(self, connection: Connection | None) -> bool:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _free_slot(self) -> None:
        if not self._hand_over(None):
            self._slots_used -= 1
