"""uvicorn's connections, with bounds on silence, on clients that do not read, and on their number.

uvicorn closes a connection that is idle after a response. It waits for ever for the head of a first request,
for the rest of a head that trickles, and for a client that does not read its response; each of these holds a
descriptor, the last one the whole response, too.
"""

from __future__ import annotations

import asyncio
import sys
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from router.config import ServerConfig
from router.server.asgi import Scope
from router.server.whole import EXTENSION


def connection_type(config: ServerConfig) -> type[asyncio.Protocol]:
    """Returns the protocol class of a server with these settings."""

    class Connection(_BoundedConnection):
        head_timeout_s = config.head_timeout_ms / 1000
        connections_max = config.max_connections

    return Connection


class _BoundedConnection(HttpToolsProtocol):
    """It uses uvicorn's one timer of a connection, which uvicorn stops whenever bytes arrive."""

    own_lines: ClassVar[tuple[object, bytes]] = (None, b"")
    head_timeout_s: float
    connections_max: int
    _head_due_at: float | None = None
    _unsent = sys.maxsize

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] - as uvicorn's
        super().connection_made(transport)
        if len(self.connections) > self.connections_max:
            transport.abort()
        else:
            self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Scope = self.scope  # type: ignore[assignment] - uvicorn's type knows its own extensions only
        scope["extensions"] = {EXTENSION: self.send_whole}

    def send_whole(self, scope: Scope, head: bytes, body: bytes) -> bool:
        """Writes a response at once, as `RequestResponseCycle.send` would in two messages.

        Returns False, having done nothing, when that needs more: another request is first, the client reads
        too slowly, left, or wants the connection to end.
        """
        cycle = self.cycle
        if cycle.scope is not scope or cycle.response_started or not cycle.keep_alive:
            return False
        if cycle.disconnected or self.flow.write_paused or scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        self.transport.write(b"".join((head, self._own_lines(cycle.default_headers), b"\r\n", body)))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def _own_lines(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        """Returns the server's own headers, of which uvicorn makes a new list every second, for the date."""
        known = _BoundedConnection.own_lines
        if known[0] is not headers:
            lines = b"".join([b"%b: %b\r\n" % header for header in headers])
            known = _BoundedConnection.own_lines = (headers, lines)
        return known[1]

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.timeout_keep_alive_task is not None or self.transport.is_closing():
            return
        is_answering = self.cycle is not None and not self.cycle.response_complete
        # After an upgrade the transport belongs to the protocol of WebSockets.
        if not is_answering and self.transport.get_protocol() is self:
            self._await_head()

    def on_response_complete(self) -> None:
        self._head_due_at = None
        self._unsent = sys.maxsize
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Closes the connection, unless its client is still reading."""
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0:
            super().timeout_keep_alive_handler()
        elif unsent < self._unsent:
            self._unsent = unsent
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            # Closing would wait for the client to read the rest.
            self.transport.abort()

    def _await_head(self) -> None:
        if self._head_due_at is None:
            self._head_due_at = self.loop.time() + self.head_timeout_s
        self.timeout_keep_alive_task = self.loop.call_at(self._head_due_at, self.timeout_keep_alive_handler)
