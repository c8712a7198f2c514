"""A subgraph behind HTTP/1.1, TCP or Unix socket, with or without TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine, Sequence
from time import monotonic  # the clock of asyncio's event loops, without a Python call around it
from typing import Any

from router.config import SubgraphConfig, TlsConfig, TransportConfig
from router.errors import SubgraphError
from router.executor.transport.client import AwaitedOnly, RequestScope, SubgraphRequest, SubgraphResponse
from router.executor.transport.connection import HttpResponse, Waiter
from router.executor.transport.decode import decode_response
from router.executor.transport.encode import RequestEncoder
from router.executor.transport.endpoint import Origin, PooledConnection
from router.executor.transport.failures import (
    ConnectionLostFault,
    DeadlineFault,
    SilenceFault,
    TransportFault,
)
from router.executor.transport.limits import PoolLimits
from router.executor.transport.pool import Pool
from router.executor.transport.resources import TransportResources
from router.executor.transport.snapshot import PoolSnapshot
from router.executor.transport.url import SubgraphUrl, parse_subgraph_url

_GATEWAY_STATUSES = frozenset({502, 503, 504})
"""They say that the server at an address does not serve; other statuses are the subgraph's own answers."""


Sent = tuple[PooledConnection, float, bool]
"""A request on its way: the connection, since when, and whether its time ends for the client's sake."""


class HttpClient(AwaitedOnly):
    """The SubgraphClient of one subgraph at one or several URLs, for use in one event loop."""

    takes_body = True

    def __init__(
        self,
        name: str,
        urls: str | Sequence[str],
        config: TransportConfig | None = None,
        subgraph: SubgraphConfig | None = None,
        resources: TransportResources | None = None,
    ) -> None:
        """Raises SubgraphUrlError for an address that cannot be used, OSError for unreadable certificates."""
        subgraph = subgraph or SubgraphConfig()
        config = (config or TransportConfig()).adapted(subgraph)
        self.name = name
        self.is_closed = False
        self._request_timeout_s = config.request_timeout_ms / 1000
        self._margin_s = config.deadline_margin_ms / 1000
        self._slow_s = min(config.breaker.slow_ms, config.request_timeout_ms) / 1000
        self._encoder = RequestEncoder(
            propagate=config.propagate_headers,
            propagate_with_mutations=config.propagate_with_mutations,
            own_headers=subgraph.headers,
            accept_codings=config.accept_codings,
            deadline_header=config.deadline_header,
            compression=subgraph.compression,
        )
        parsed = [parse_subgraph_url(url) for url in ((urls,) if isinstance(urls, str) else urls)]
        origins = [Origin(url, _tls_of(url, subgraph.tls), self._encoder.head(url)) for url in parsed]
        self._pool = Pool(name, origins, PoolLimits.of(config), resources or TransportResources.of(config))

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation; raises SubgraphError when no GraphQL response could be read."""
        now = monotonic()
        deadline_at, is_clients = self._deadline(request.scope, now)
        try:
            response = await self._exchange(request, now, deadline_at)
        except TransportFault as fault:
            raise self.explain(fault, is_clients_time=is_clients) from fault
        if response.status == 200 and request.wants_body:
            return SubgraphResponse(None, body=response.body, headers=response.headers)
        return decode_response(self.name, response)

    def explain(self, fault: TransportFault, *, is_clients_time: bool) -> SubgraphError:
        """Returns what is told about a fault of a request whose time ended for the client's sake, or not."""
        if isinstance(fault, DeadlineFault) and not is_clients_time:
            fault = SilenceFault(str(fault))
        return fault.explain(self.name)

    def send_at_once(self, request: SubgraphRequest, waiter: Waiter) -> Sent | None:
        """Sends a request on a connection that served before, and tells `waiter` what comes back.

        Returns None, having sent nothing, when there is no such connection or no time. Whoever was told calls
        `note_response` or `note_failure`, and closes the connection when it gives up before.
        """
        now = monotonic()
        deadline_at = now + self._request_timeout_s
        clients = request.scope.deadline_at
        is_clients_time = clients is not None and clients - self._margin_s < deadline_at
        if clients is not None and is_clients_time:
            deadline_at = clients - self._margin_s
            if now >= deadline_at:
                return None
        connection = self._pool.take_idle(now)
        if connection is None:
            return None
        try:
            payload = self._encoder.encode(connection.endpoint.origin.head, request, deadline_at - now)
            connection.send_for(waiter, payload, now, deadline_at)
        except BaseException as error:
            connection.close()
            self._pool.give_back(connection, now)
            if isinstance(error, ConnectionLostFault):
                return None
            raise
        return connection, now, is_clients_time

    def note_response(self, connection: PooledConnection, status: int) -> None:
        """Ends an exchange that was answered."""
        self._pool.give_back(connection, connection.heard_at)
        if status in _GATEWAY_STATUSES:
            self._pool.roster.failed(connection.endpoint)
        elif connection.endpoint.failures:
            self._pool.roster.succeeded(connection.endpoint)

    def note_failure(
        self, connection: PooledConnection, error: BaseException, sent_at: float, *, is_used: bool
    ) -> None:
        """Ends an exchange that was not answered; `is_used` tells that the connection served before."""
        now = monotonic()
        connection.close()
        self._pool.give_back(connection, now)
        if self._is_about_address(error, took_s=now - sent_at, is_used=is_used):
            self._pool.roster.failed(connection.endpoint)

    def drop_idle(self, connection: PooledConnection) -> None:
        """Closes what is idle at the address of a connection that its peer closed while it was idle."""
        self._pool.drop_idle(connection.endpoint)

    def snapshot(self) -> PoolSnapshot:
        """Returns how its connections stand."""
        return self._pool.snapshot()

    async def close(self) -> None:
        """Closes every connection."""
        self.is_closed = True
        self._pool.close()
        # An aborted transport gives its socket back in the next turn of the loop.
        await asyncio.sleep(0)

    def _deadline(self, scope: RequestScope, now: float) -> tuple[float, bool]:
        """Returns when the call ends at the latest, and whether that is for the client's sake."""
        own = now + self._request_timeout_s
        if scope.deadline_at is None or scope.deadline_at - self._margin_s >= own:
            return own, False
        return scope.deadline_at - self._margin_s, True

    async def _exchange(self, request: SubgraphRequest, now: float, deadline_at: float) -> HttpResponse:
        if now >= deadline_at:
            raise DeadlineFault("the time of the call was over before it began")
        pool = self._pool
        connection, is_used = pool.take_idle(now), True
        if connection is None:
            connection, is_used = await _within(deadline_at, pool.take())
        try:
            return await self._send(connection, request, deadline_at, is_used=is_used)
        except ConnectionLostFault as fault:
            # The peer may close an idle connection just as it is used again. A query can be sent once more; a
            # mutation only when none of it was sent, else it may have been done.
            if not (is_used and fault.is_untouched and (fault.is_unsent or not request.is_mutation)):
                raise
        # The others that were idle have probably been closed with it.
        self.drop_idle(connection)
        connection, _ = await _within(deadline_at, pool.take())
        return await self._send(connection, request, deadline_at, is_used=False)

    async def _send(
        self, connection: PooledConnection, request: SubgraphRequest, deadline_at: float, *, is_used: bool
    ) -> HttpResponse:
        """Returns the response to a request on a connection, which is given back in any case."""
        now = monotonic()
        try:
            payload = self._encoder.encode(connection.endpoint.origin.head, request, deadline_at - now)
            response = await connection.send(payload, now, deadline_at)
        except BaseException as error:
            self.note_failure(connection, error, now, is_used=is_used)
            raise
        self.note_response(connection, response.status)
        return response

    def _is_about_address(self, error: BaseException, *, took_s: float, is_used: bool) -> bool:
        """Tells whether a failure says something about the address it happened at."""
        if isinstance(error, ConnectionLostFault):
            return not (is_used and error.is_untouched)  # else it was just idle for too long
        if isinstance(error, DeadlineFault):
            return took_s >= self._slow_s  # else the client was in a hurry
        return isinstance(error, TransportFault)


async def _within(
    deadline_at: float, taking: Coroutine[Any, Any, tuple[PooledConnection, bool]]
) -> tuple[PooledConnection, bool]:
    try:
        async with asyncio.timeout_at(deadline_at):
            return await taking
    except TimeoutError as error:
        raise DeadlineFault("no connection within the time of the call") from error


def _tls_of(url: SubgraphUrl, tls: TlsConfig) -> ssl.SSLContext | None:
    if not url.is_tls:
        return None
    context = ssl.create_default_context(cafile=tls.ca_file)
    context.set_alpn_protocols(["http/1.1"])
    if tls.cert_file is not None:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    return context
