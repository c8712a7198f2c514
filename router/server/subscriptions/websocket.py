"""The WebSocket endpoint: handshake, then messages one after another until the socket closes."""

from __future__ import annotations

import structlog

from router.server.asgi import Message, Receive, Scope, Send, read_headers
from router.server.csrf import is_foreign
from router.server.request_id import choose_request_id
from router.server.subscriptions.close_codes import CloseCode, SocketCloseError
from router.server.subscriptions.edge import OpenConnection, SubscriptionEdge
from router.server.subscriptions.messages import SUBPROTOCOL
from router.server.subscriptions.socket_connection import SocketConnection

_log = structlog.stdlib.get_logger("router.server")


class WebSocketEndpoint:
    """An ASGI application for graphql-transport-ws."""

    def __init__(self, edge: SubscriptionEdge) -> None:
        self._edge = edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one socket until it is closed."""
        await receive()  # websocket.connect
        headers = read_headers(scope["headers"])
        edge = self._edge
        # Unlike fetch, a browser opens a socket to any origin and lets the server decide.
        if is_foreign(headers, edge.server.cors):
            await _refuse(scope, send, 403, b"This origin may not connect")
            return
        address = edge.addresses.mark(scope, headers)
        if edge.header_rules is not None:
            edge.header_rules.apply(headers)
        if not edge.has_room(address):
            await _refuse(scope, send, 503, b"No room for another connection")
            return
        if SUBPROTOCOL not in scope.get("subprotocols", ()):
            code = CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": code.code, "reason": code.reason})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        request_id = choose_request_id(headers.get("x-request-id"))
        connection = SocketConnection(edge, send, headers, request_id, path=scope["path"], address=address)
        entry = OpenConnection(connection.send_away, address)
        edge.enter(entry)
        try:
            await self._serve(connection, receive)
        finally:
            edge.leave(entry)
            await connection.finish()

    async def _serve(self, connection: SocketConnection, receive: Receive) -> None:
        connection.begin()
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                await connection.take(self._text_of(message))
        except SocketCloseError as close:
            await connection.close(close.code, close.reason)
        except Exception as fault:  # noqa: BLE001 - the socket's edge: the client is told, the log has the rest
            _log.error("socket failed", request_id=connection.request_id, exc_info=fault)
            await connection.close(CloseCode.INTERNAL_ERROR)

    def _text_of(self, message: Message) -> str:
        text = message.get("text")
        if text is None:
            raise SocketCloseError(CloseCode.BAD_REQUEST, "Messages are text")
        if len(text) > self._edge.limits.max_body_bytes:
            raise SocketCloseError(CloseCode.MESSAGE_TOO_BIG)
        return text


async def _refuse(scope: Scope, send: Send, status: int, body: bytes) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
