"""A bounded pool of keep-alive connections to the addresses of one subgraph, with a bounded queue before it.

A request takes an idle connection of the address with the least in flight, else opens one there if the
bounds of the address and of all subgraphs allow it, else waits in line for what the next exchange to end
gives back. Connections are used last in, first out, so that a quiet pool shrinks by idle time. While anybody
waits in line, there is nothing to be had: whatever becomes free goes to the first in it at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Container, Sequence

from router.executor.transport.dial import Dialer
from router.executor.transport.endpoint import Endpoint, Origin, PooledConnection
from router.executor.transport.failures import ConnectFault, QueueFullFault
from router.executor.transport.limits import PoolLimits
from router.executor.transport.resources import TransportResources
from router.executor.transport.roster import Roster
from router.executor.transport.snapshot import AddressSnapshot, PoolSnapshot

CONNECT_ATTEMPTS_MAX = 4
"""The addresses one request tries before it gives up."""
_SWEEP_S_MIN = 0.05

Grant = PooledConnection | Endpoint
"""What a request gets: a connection that served before, or a place to open one in."""


class Pool:
    """Connections to the addresses behind some origins, for use in one event loop."""

    def __init__(
        self, service: str, origins: Sequence[Origin], limits: PoolLimits, resources: TransportResources
    ) -> None:
        self.connections = 0
        self._limits = limits
        self._idle_timeout_s = limits.idle_timeout_s
        self._budget = resources.budget
        self._budget.join(self)
        self.roster = Roster(service, origins, limits, resources, self)
        self._dialer = Dialer(
            resources.buffer,
            self._lost,
            connect_timeout_s=limits.connect_timeout_s,
            read_timeout_s=limits.read_timeout_s,
            response_bytes_max=limits.response_bytes_max,
        )
        self._open: set[PooledConnection] = set()
        self._waiting: deque[asyncio.Future[Grant]] = deque()
        self._sweep: asyncio.TimerHandle | None = None
        self._uses = 0
        self._is_closed = False

    # --- taking and giving back

    def take_idle(self, now: float) -> PooledConnection | None:
        """Returns a connection that served before, if there is one where the next request should go."""
        endpoint = self.roster.only or self.roster.choose()
        if endpoint is None or not endpoint.idle:
            return None
        connection = endpoint.idle.pop()
        if connection.is_reusable and connection.idle_since >= now - self._idle_timeout_s:
            endpoint.in_flight += 1
            endpoint.used_at = self._uses = self._uses + 1
            return connection
        self._drop(connection)
        return self._pop_idle(endpoint, now)

    async def take(self) -> tuple[PooledConnection, bool]:
        """Returns a connection and whether it served before; raises ConnectFault or QueueFullFault.

        An address that cannot be reached is passed over for the next one.
        """
        if not self.roster.endpoints:
            await self.roster.find()
        tried: list[Endpoint] = []
        while True:
            if self._is_closed:
                raise ConnectFault("the pool is closed")
            grant = self._grant(tried) or await self._wait_in_line()
            if isinstance(grant, PooledConnection):
                return grant, True
            try:
                return await self._open_at(grant), False
            except ConnectFault:
                tried.append(grant)
                if len(tried) == CONNECT_ATTEMPTS_MAX or self.roster.choose(tried) is None:
                    raise

    def give_back(self, connection: PooledConnection, now: float) -> None:
        """Ends the use of a connection; it is kept when it can serve again."""
        endpoint = connection.endpoint
        is_left_out = endpoint.is_ejected or endpoint.is_retired or self._is_closed
        if is_left_out or not connection.is_reusable or (self._budget.wanting and not self._may_keep()):
            connection.close()
            self._free_place(endpoint)
            return
        endpoint.in_flight -= 1
        connection.idle_since = now
        endpoint.idle.append(connection)
        if self._waiting:
            self.serve_line()
        if self._sweep is None:
            self._sweep_later()

    def snapshot(self) -> PoolSnapshot:
        """Returns how the pool stands."""
        addresses = (
            AddressSnapshot(one.label, one.in_flight, len(one.idle), one.is_ejected)
            for one in self.roster.endpoints
        )
        return PoolSnapshot(len(self._waiting), tuple(addresses))

    def close(self) -> None:
        """Closes every connection; exchanges under way and in line fail."""
        self._is_closed = True
        self.roster.close()
        if self._sweep is not None:
            self._sweep.cancel()
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(ConnectFault("the pool is closed"))
        for endpoint in self.roster.endpoints:
            self.drop_idle(endpoint)
        for connection in tuple(self._open):
            connection.close()
        self._budget.leave(self)

    # --- the line, for the budget and the roster too

    def serve_line(self) -> None:
        """Gives those in line what can be had."""
        while self._waiting:
            if self._waiting[0].done():
                self._waiting.popleft()
                continue
            grant = self._grant(())
            if grant is None:
                return
            self._waiting.popleft().set_result(grant)
        self._budget.forget_want(self)

    async def _wait_in_line(self) -> Grant:
        if len(self._waiting) >= self._limits.queue_max:
            raise QueueFullFault(f"{len(self._waiting)} requests wait already")
        waiter: asyncio.Future[Grant] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            self._leave_line(waiter)
            raise

    def _leave_line(self, waiter: asyncio.Future[Grant]) -> None:
        if waiter.cancelled() or not waiter.done():
            # Taking it out at once keeps the queue's length true.
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            if not self._waiting:
                self._budget.forget_want(self)
            return
        # What was handed over in the same turn of the loop must go on to the next in line.
        if waiter.exception() is not None:
            return
        grant = waiter.result()
        if isinstance(grant, Endpoint):
            self._free_place(grant)
        else:
            self.give_back(grant, asyncio.get_running_loop().time())

    def _grant(self, tried: Container[Endpoint]) -> Grant | None:
        """Returns what can be had now, where the least is in flight; None is to wait."""
        now = asyncio.get_running_loop().time()
        for endpoint in self.roster.in_order(tried):
            connection = self._pop_idle(endpoint, now)
            if connection is not None:
                return connection
            if endpoint.opened < self._limits.connections_max and self._budget.acquire(self):
                endpoint.opened += 1
                self._enter(endpoint)
                return endpoint
        return None

    # --- connections and their places

    async def probe(self, endpoint: Endpoint) -> bool:
        """Tells whether a connection to an endpoint can be made, and keeps it where there is a place."""
        try:
            connection = await self._dialer.dial(endpoint)
        except ConnectFault:
            return False
        if (
            self._is_closed
            or endpoint.opened >= self._limits.connections_max
            or not self._budget.acquire(self)
        ):
            connection.close()
            return True
        endpoint.opened += 1
        self._open.add(connection)
        connection.idle_since = asyncio.get_running_loop().time()
        endpoint.idle.append(connection)
        return True

    async def _open_at(self, endpoint: Endpoint) -> PooledConnection:
        """Opens a connection in a place the caller holds; the place is given back when that fails."""
        try:
            connection = await self._dialer.dial(endpoint)
        except BaseException as error:
            # A request that ended while it was connecting tells something too: its time may have been
            # shorter than that of connecting.
            self._free_place(endpoint)
            self.roster.failed(endpoint, is_certain=isinstance(error, ConnectFault))
            raise
        if self._is_closed:
            connection.close()
            self._free_place(endpoint)
            raise ConnectFault("the pool is closed")
        self._open.add(connection)
        return connection

    def _pop_idle(self, endpoint: Endpoint, now: float) -> PooledConnection | None:
        idle = endpoint.idle
        oldest = now - self._idle_timeout_s
        while idle:
            connection = idle.pop()
            if connection.is_reusable and connection.idle_since >= oldest:
                self._enter(endpoint)
                return connection
            self._drop(connection)
        return None

    def _enter(self, endpoint: Endpoint) -> None:
        endpoint.in_flight += 1
        endpoint.used_at = self._uses = self._uses + 1

    def _may_keep(self) -> bool:
        # Another subgraph that waits comes before an idle connection, but not before those in line here.
        return bool(self._waiting) or not self._budget.exceeds_reserve(self)

    def _free_place(self, endpoint: Endpoint) -> None:
        endpoint.in_flight -= 1
        endpoint.opened -= 1
        self._budget.release(self)
        self.serve_line()

    def _drop(self, connection: PooledConnection) -> None:
        """Closes a connection that was idle and stands in no list any more."""
        connection.close()
        connection.endpoint.opened -= 1
        self._budget.release(self)

    def drop_idle(self, endpoint: Endpoint) -> None:
        """Closes the idle connections to one address."""
        while endpoint.idle:
            self._drop(endpoint.idle.pop())

    def close_idle(self) -> bool:
        """Closes the connection that was idle longest; tells whether there was one."""
        oldest = min(
            (endpoint.idle[0] for endpoint in self.roster.endpoints if endpoint.idle),
            key=lambda connection: connection.idle_since,
            default=None,
        )
        if oldest is None:
            return False
        oldest.endpoint.idle.popleft()
        self._drop(oldest)
        return True

    def _lost(self, connection: PooledConnection) -> None:
        self._open.discard(connection)
        # The place of an idle one is freed here; one in use is given back by its user.
        if connection in connection.endpoint.idle:
            connection.endpoint.idle.remove(connection)
            self._drop(connection)

    def _sweep_later(self) -> None:
        # Somewhat later than the first comes of age, so that one sweep finds several.
        delay_s = max(_SWEEP_S_MIN, self._limits.idle_timeout_s * 1.25)
        self._sweep = asyncio.get_running_loop().call_later(delay_s, self._sweep_idle)

    def _sweep_idle(self) -> None:
        self._sweep = None
        oldest = asyncio.get_running_loop().time() - self._limits.idle_timeout_s
        for endpoint in self.roster.endpoints:
            while endpoint.idle and endpoint.idle[0].idle_since < oldest:  # the left end was idle longest
                self._drop(endpoint.idle.popleft())
        if any(endpoint.idle for endpoint in self.roster.endpoints):
            self._sweep_later()
