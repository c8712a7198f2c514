"""What every transport of subscriptions shares: the hub, the limits, the open connections."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from router.authentication import Viewer as Caller
from router.config import LimitsConfig, ServerConfig, SubscriptionsConfig
from router.pipeline.executes import Executes
from router.pipeline.gate import Gate
from router.pipeline.rate_limits.rules import network_of
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.subscriptions import IPV6_PREFIX, Subscriber, SubscriptionHub, Viewer
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult
from router.server.admission import Admission
from router.server.asgi import HttpRequest
from router.server.authentication import EdgeAuthentication
from router.server.client_address import ClientAddresses
from router.server.header_rules import HeaderRules, open_header_rules
from router.server.refusal import RefusedError
from router.telemetry.telemetry import Telemetry


@dataclass(slots=True, eq=False)
class OpenConnection:
    """One client's connection; `send_away` tells it to go, and come back to another process."""

    send_away: Callable[[], None]
    address: str = ""


@dataclass(slots=True, eq=False)
class SubscriptionEdge:
    """The parts of the edge that a connection needs, and the connections themselves.

    `executes` runs the queries and mutations that come over a socket, once `gate` has let them in and
    `admission` has given them a turn among all the operations of the process.
    """

    hub: SubscriptionHub
    executes: Executes
    server: ServerConfig
    limits: LimitsConfig
    telemetry: Telemetry
    gate: Gate | None = None
    admission: Admission | None = None
    authentication: EdgeAuthentication | None = None
    addresses: ClientAddresses = field(init=False)
    header_rules: HeaderRules | None = field(init=False)
    _by_network: Counter[str] = field(default_factory=Counter)
    _open: set[OpenConnection] = field(default_factory=set)
    _draining: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.addresses = ClientAddresses(self.server)
        self.header_rules = open_header_rules(self.server.request_headers)

    @property
    def config(self) -> SubscriptionsConfig:
        """The section of the configuration."""
        return self.hub.config

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._open)

    def has_room(self, address: str) -> bool:
        """Whether another client may connect from this address."""
        most = self.config.connections_per_address_max
        if most and address and self._by_network[_network_of(address)] >= most:
            return False
        return len(self._open) < self.config.connections_max and not self.hub.is_draining

    async def caller_of(self, http: HttpRequest) -> Caller | None:
        """Returns who asks, None where nobody looks; raises RefusedError."""
        if self.authentication is None:
            return None
        return await self.authentication.viewer_of(http.headers, http.client_address)

    async def find(self, request: GraphQLRequest, context: RequestContext) -> GraphQLRequest:
        """Returns the request with the text of its document; raises ClientError."""
        return request if self.gate is None else await self.gate.find(request, context)

    async def count(self, request: GraphQLRequest, context: RequestContext) -> None:
        """Counts a request that was found; raises ClientError when it is one too many."""
        if self.gate is not None:
            await self.gate.count(request, context)

    async def admit(self, request: GraphQLRequest, context: RequestContext) -> GraphQLRequest:
        """Does both."""
        found = await self.find(request, context)
        await self.count(found, context)
        return found

    async def begin(
        self, request: GraphQLRequest, context: RequestContext, viewer: Viewer | None = None
    ) -> Subscriber | GraphQLResult:
        """Lets an operation in and returns its result, or a subscriber that must be closed.

        Raises ClientError, OVERLOADED when there is no turn for it in time.
        """
        if viewer is not None:
            self.hub.check_viewer(viewer)
            context.scope.caller = viewer.caller
        async with self.turn():
            request = await self.admit(request, context)
            if await self.hub.kind_of(request) == "subscription":
                return await self.hub.subscribe(request, context, viewer=viewer)
            return await self.execute(request, context)

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        """Runs a query or mutation that was let in; raises ClientError when it takes too long."""
        timeout_ms = self.server.request_timeout_ms
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                return await self.executes.execute(request, context)
        except TimeoutError as error:
            message = f"The request took longer than {timeout_ms} ms"
            raise RefusedError(message, ErrorCode.REQUEST_TIMEOUT) from error

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Holds a turn for the block; raises a RefusedError when the process has none in time."""
        if self.admission is None:
            yield
            return
        if not self.admission.try_enter():
            await self.admission.wait()
        try:
            yield
        finally:
            self.admission.leave()

    def enter(self, connection: OpenConnection) -> None:
        """Counts a connection in."""
        self._open.add(connection)
        self._by_network[_network_of(connection.address)] += 1

    def leave(self, connection: OpenConnection) -> None:
        """Counts a connection out."""
        self._open.discard(connection)
        network = _network_of(connection.address)
        self._by_network[network] -= 1
        if self._by_network[network] <= 0:
            del self._by_network[network]

    def begin_drain(self) -> None:
        """Begins to drain, once."""
        if self._draining is None:
            self._draining = asyncio.create_task(self.drain())

    async def drain(self) -> None:
        """Sends every client away, spread over the time set, and refuses new ones.

        Clients that all came back at one moment would bring the next process down.
        """
        self.hub.is_draining = True
        leaving = [*self._open]
        random.shuffle(leaving)
        pause_s = self.config.drain_ms / 1000 / max(len(leaving), 1)
        due = asyncio.get_running_loop().time()
        for connection in leaving:
            due += pause_s
            delay = due - asyncio.get_running_loop().time()
            if delay > 0.005:
                await asyncio.sleep(delay)
            if connection in self._open:
                connection.send_away()


def _network_of(address: str) -> str:
    return network_of(address, IPV6_PREFIX)
