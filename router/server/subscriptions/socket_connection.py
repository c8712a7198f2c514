"""One graphql-transport-ws connection: its state, and the operations running on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from router.errors import ClientError
from router.pipeline.subscriptions import Viewer
from router.server.asgi import Send
from router.server.subscriptions.close_codes import CloseCode, SocketCloseError
from router.server.subscriptions.connection_headers import merge_headers
from router.server.subscriptions.edge import SubscriptionEdge
from router.server.subscriptions.messages import Complete, Init, Ping, Subscribe, control_frame, parse_message
from router.server.subscriptions.recording import SOCKET, Arrival
from router.server.subscriptions.socket_operation import SocketOperation


class SocketConnection:
    """Takes the client's messages one by one; whatever breaks the protocol raises SocketCloseError."""

    __slots__ = (
        "_expiry",
        "_init_timer",
        "_is_closed",
        "_operations",
        "_send",
        "_tasks",
        "address",
        "edge",
        "headers",
        "path",
        "request_id",
        "viewer",
    )

    def __init__(
        self,
        edge: SubscriptionEdge,
        send: Send,
        headers: Mapping[str, str],
        request_id: str,
        *,
        path: str,
        address: str,
    ) -> None:
        self.edge = edge
        self.headers = headers
        self.request_id = request_id
        self.path = path
        self.address = address
        self.viewer: Viewer | None = None
        self._send = send
        self._operations: dict[str, SocketOperation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._init_timer: asyncio.TimerHandle | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._is_closed = False

    def arrival(self) -> Arrival:
        """Returns how an operation that comes now has come."""
        return Arrival(SOCKET, self.path, self.headers, self.request_id, self.address)

    def begin(self) -> None:
        """Starts the time within which the client must introduce itself."""
        loop, timeout_s = asyncio.get_running_loop(), self.edge.config.init_timeout_ms / 1000
        self._init_timer = loop.call_later(timeout_s, self._close_soon, CloseCode.INITIALISATION_TIMEOUT)

    async def take(self, text: str) -> None:
        """Does what one message asks; raises SocketCloseError."""
        match parse_message(text):
            case Subscribe(operation_id, request):
                if self.viewer is None:
                    raise SocketCloseError(CloseCode.UNAUTHORIZED)
                if operation_id in self._operations:
                    reason = f"Subscriber for {operation_id[:60]} already exists"
                    raise SocketCloseError(CloseCode.SUBSCRIBER_EXISTS, reason)
                operation = SocketOperation(self, operation_id, request)
                self._operations[operation_id] = operation
                operation.start(is_over_limit=self._is_over_limit())
            case Complete(operation_id):
                found = self._operations.pop(operation_id, None)
                if found is not None:
                    found.cancel()
            case Ping(payload):
                if payload is not None and self.viewer is not None:
                    payload = await self._renew(payload) or payload
                await self.send(control_frame("pong", payload))
            case Init(payload):
                await self._initialise(payload)

    async def send(self, frame: str) -> None:
        """Sends one message; to a client that is gone or does not read it goes nowhere."""
        if self._is_closed:
            return
        try:
            async with asyncio.timeout(self.edge.config.send_timeout_ms / 1000):
                await self._send({"type": "websocket.send", "text": frame})
        except TimeoutError:
            self._close_soon(CloseCode.SERVICE_RESTART)
        except (OSError, RuntimeError):
            self._is_closed = True  # the server noticed first; the reader is about to hear it

    async def close(self, code: CloseCode, reason: str | None = None) -> None:
        """Closes the socket, once."""
        if self._is_closed:
            return
        self._is_closed = True
        with suppress(OSError, RuntimeError):  # closed already, by the other side
            await self._send({"type": "websocket.close", "code": code.code, "reason": reason or code.reason})

    def send_away(self) -> None:
        """Closes the socket so that the client comes back, to another process."""
        self._close_soon(CloseCode.SERVICE_RESTART)

    def forbid(self) -> None:
        """Closes the socket because its credentials hold no longer; with newer ones it may come back."""
        self._close_soon(CloseCode.FORBIDDEN)

    def forget(self, operation_id: str, operation: SocketOperation) -> None:
        """Frees the id of an operation that has ended."""
        if self._operations.get(operation_id) is operation:
            del self._operations[operation_id]

    async def finish(self) -> None:
        """Ends everything that runs on the socket."""
        self._is_closed = True
        for timer in (self._init_timer, self._expiry):
            if timer is not None:
                timer.cancel()
        operations = [*self._operations.values()]
        self._operations.clear()
        for operation in operations:
            operation.cancel()
        await asyncio.gather(*(operation.ended() for operation in operations))

    def _is_over_limit(self) -> bool:
        return len(self._operations) > self.edge.config.subscriptions_per_connection_max

    def _close_soon(self, code: CloseCode) -> None:
        task = asyncio.create_task(self.close(code))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _initialise(self, payload: Mapping[str, Any]) -> None:
        if self._init_timer is None:
            raise SocketCloseError(CloseCode.TOO_MANY_INITIALISATIONS)
        self._init_timer.cancel()
        self._init_timer = None
        self.headers = merge_headers(self.headers, payload, self.edge.hub.viewers.names)
        try:
            viewer = await self.edge.hub.viewers.read(self.headers)
        except ClientError as error:
            raise SocketCloseError(CloseCode.FORBIDDEN) from error
        self._hold(viewer)
        await self.send(control_frame("connection_ack"))

    async def _renew(self, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Takes newer credentials for the same account; returns what the client is told, if it gave any."""
        headers = merge_headers(self.headers, payload, ("authorization",))
        assert self.viewer is not None, "only a client that introduced itself renews"
        if headers == self.headers:
            return None
        try:
            viewer = await self.edge.hub.viewers.read(headers)
        except ClientError as error:
            raise SocketCloseError(CloseCode.FORBIDDEN) from error
        if self.viewer.claims and viewer.account != self.viewer.account:
            raise SocketCloseError(CloseCode.FORBIDDEN)
        self.headers = headers
        self._hold(viewer)
        for operation in [*self._operations.values()]:
            if operation.subscriber is not None:
                await self.edge.hub.renew(operation.subscriber, viewer)
        return {"renewed": True, "expiresAt": viewer.expires_at}

    def _hold(self, viewer: Viewer) -> None:
        """Makes the viewer the connection's, for as long as the credentials hold."""
        self.viewer = viewer
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if viewer.expires_at is not None:
            delay_s = max(viewer.expires_at - time.time(), 0)
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(delay_s, self._close_soon, CloseCode.FORBIDDEN)
