"""Subscriptions at a subgraph over graphql-transport-ws, many on one connection.

A connection belongs to those who show the subgraph the same headers, because the protocol tells them once,
in `connection_init`. Per such audience a connection carries up to `subscriptions_per_connection_max`; then
another is opened. A connection that carries nothing is closed after `idle_timeout_ms`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from router.config import UpstreamConfig
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.stream import stream_error
from router.executor.transport.stream_address import Audience, StreamAddress
from router.executor.transport.websocket_connection import SUBPROTOCOL, WebSocketConnection
from router.response.codes import ErrorCode


class WebSocketStream:
    """The StreamingClient of one subgraph; it belongs to the event loop of its first call."""

    def __init__(self, address: StreamAddress, config: UpstreamConfig) -> None:
        self._address = address
        self._config = config
        self._connections: dict[Audience, list[WebSocketConnection]] = {}
        self._opening: dict[Audience, asyncio.Lock] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._is_closed = False

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Yields the subgraph's responses; raises SubgraphError when it cannot or no longer answer."""
        connection = await self._connection_for(self._address.audience_of(request))
        async with aclosing(connection.subscribe(request)) as responses:
            async for response in responses:
                yield response

    async def close(self) -> None:
        """Closes every connection."""
        self._is_closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait([self._sweeper])
        every = [each for connections in self._connections.values() for each in connections]
        self._connections.clear()
        await asyncio.gather(*(connection.close() for connection in every))

    async def _connection_for(self, audience: Audience) -> WebSocketConnection:
        async with self._opening.setdefault(audience, asyncio.Lock()):
            connections = [each for each in self._connections.get(audience, []) if each.is_usable]
            self._connections[audience] = connections
            for connection in connections:
                if connection.load < self._config.subscriptions_per_connection_max:
                    connection.idle_since = asyncio.get_running_loop().time()
                    return connection
            if sum(map(len, self._connections.values())) >= self._config.connections_max:
                what = "has no connection left for subscriptions"
                raise stream_error(self._address.name, what, ErrorCode.OVERLOADED)
            connection = await self._open(audience)
            connection.idle_since = asyncio.get_running_loop().time()
            connections.append(connection)
            if self._sweeper is None:
                self._sweeper = asyncio.create_task(self._sweep())
            return connection

    async def _open(self, audience: Audience) -> WebSocketConnection:
        name, timeout_s = self._address.name, self._config.connect_timeout_ms / 1000
        if self._is_closed:
            raise stream_error(name, "is no longer connected")
        try:
            async with asyncio.timeout(timeout_s):
                socket = await self._dial()
        except TimeoutError as error:
            raise stream_error(name, "could not be reached in time", ErrorCode.SUBGRAPH_TIMEOUT) from error
        except (OSError, WebSocketException) as error:
            raise stream_error(name, "could not be reached") from error
        if socket.subprotocol != SUBPROTOCOL:
            await socket.close(4406)
            raise stream_error(name, f"does not speak {SUBPROTOCOL}", ErrorCode.SUBGRAPH_MALFORMED_RESPONSE)
        connection = WebSocketConnection(name, socket, events_max=self._config.events_waiting_max)
        try:
            await connection.initialise(dict(audience), timeout_s)
        except BaseException:
            await connection.close()
            raise
        return connection

    def _dial(self) -> connect:
        url = self._address.url
        scheme = "wss" if url.is_tls else "ws"
        more: dict[str, object] = {"unix": True, "path": url.socket_path} if url.socket_path else {}
        return connect(
            f"{scheme}://{url.host_header}{url.target}",
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers=dict(self._address.headers),
            compression=None,
            max_size=self._config.message_bytes_max,
            ping_interval=self._config.ping_interval_ms / 1000,
            open_timeout=None,
            ssl=self._address.tls,
            proxy=None,
            **more,  # type: ignore[arg-type]
        )

    async def _sweep(self) -> None:
        """Closes connections that have carried nothing for a while, until none is left open."""
        idle_s = self._config.idle_timeout_ms / 1000
        while any(self._connections.values()):
            await asyncio.sleep(max(idle_s, 0.01))
            oldest = asyncio.get_running_loop().time() - idle_s
            for audience, connections in list(self._connections.items()):
                idle = [each for each in connections if not each.load and each.idle_since <= oldest]
                self._connections[audience] = [each for each in connections if each not in idle]
                if not self._connections[audience] and not self._is_opening(audience):
                    del self._connections[audience], self._opening[audience]
                for connection in idle:
                    with suppress(WebSocketException, OSError):
                        await connection.close()
        self._sweeper = None

    def _is_opening(self, audience: Audience) -> bool:
        lock = self._opening.get(audience)
        return lock is not None and lock.locked()
