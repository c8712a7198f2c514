"""One graphql-transport-ws connection to a subgraph, which carries many subscriptions.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from router.errors import SubgraphError
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import read_response
from router.executor.transport.stream import stream_error
from router.response.codes import ErrorCode
from router.response.encode import encode_json

SUBPROTOCOL = "graphql-transport-ws"
_MALFORMED = ErrorCode.SUBGRAPH_MALFORMED_RESPONSE


class WebSocketConnection:
    """A connection whose `connection_init` was acknowledged.

    What waits for one subscription is bounded by `events_max`: a subgraph that sends faster than its events
    are taken loses that subscription, and no other waits for it.
    """

    def __init__(self, service: str, socket: ClientConnection, *, events_max: int) -> None:
        self._service = service
        self._socket = socket
        self._events_max = events_max
        self._waiting: dict[str, asyncio.Queue[Mapping[str, Any] | SubgraphError]] = {}
        self._numbers = 0
        self._failure: SubgraphError | None = None
        self._reader: asyncio.Task[None] | None = None
        self.idle_since = 0.0

    @property
    def is_usable(self) -> bool:
        """Whether further subscriptions may be opened on it."""
        return self._failure is None

    @property
    def load(self) -> int:
        """How many subscriptions it carries."""
        return len(self._waiting)

    async def initialise(self, payload: Mapping[str, Any], timeout_s: float) -> None:
        """Sends `connection_init` and waits for its acknowledgement; raises SubgraphError."""
        try:
            async with asyncio.timeout(timeout_s):
                init = (
                    {"type": "connection_init", "payload": payload}
                    if payload
                    else {"type": "connection_init"}
                )
                await self._send(init)
                while (message := self._parse(await self._socket.recv()))["type"] != "connection_ack":
                    if message["type"] == "ping":
                        await self._send({"type": "pong"})
        except TimeoutError as error:
            what = "did not acknowledge the connection in time"
            raise stream_error(self._service, what, ErrorCode.SUBGRAPH_TIMEOUT) from error
        except ConnectionClosed as error:
            raise stream_error(self._service, f"refused the connection{_closing(error)}") from error
        self._reader = asyncio.create_task(self._read())

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Yields the responses of one subscription; raises SubgraphError when it breaks off."""
        self._numbers += 1
        number = str(self._numbers)
        queue: asyncio.Queue[Mapping[str, Any] | SubgraphError] = asyncio.Queue(self._events_max + 1)
        self._waiting[number] = queue
        payload: dict[str, Any] = {"query": request.query}
        if request.variables:
            payload["variables"] = request.variables
        if request.operation_name is not None:
            payload["operationName"] = request.operation_name
        is_over = False
        try:
            await self._send({"id": number, "type": "subscribe", "payload": payload})
            while True:
                message = await queue.get()
                if isinstance(message, SubgraphError):
                    raise message
                is_over = message["type"] != "next"
                if message["type"] == "complete":
                    return
                yield self._response_of(message)
                if is_over:
                    return
        except ConnectionClosed as error:
            is_over = True
            raise stream_error(self._service, f"closed the connection{_closing(error)}") from error
        finally:
            self._waiting.pop(number, None)
            self.idle_since = asyncio.get_running_loop().time()
            if not is_over and self.is_usable:
                await self._tell_complete(number)

    async def close(self) -> None:
        """Closes the connection; its subscriptions break off."""
        self._fail(stream_error(self._service, "is no longer connected"))
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        await self._socket.close()

    async def _read(self) -> None:
        try:
            async for text in self._socket:
                await self._take(self._parse(text))
        except ConnectionClosed as error:
            self._fail(stream_error(self._service, f"closed the connection{_closing(error)}"))
        except SubgraphError as error:
            self._fail(error)
            await self._socket.close(4400, "Malformed message")
        else:
            self._fail(stream_error(self._service, "closed the connection"))

    async def _take(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "ping":
            await self._send({"type": "pong"})
            return
        queue = self._waiting.get(str(message.get("id")))
        if queue is None or message["type"] not in {"next", "error", "complete"}:
            return  # one more event may be under way when a subscription ends
        if queue.qsize() < self._events_max:
            queue.put_nowait(message)
            return
        number = str(message.get("id"))
        del self._waiting[number]
        what = "sends events faster than they can be resolved"
        queue.put_nowait(stream_error(self._service, what, ErrorCode.OVERLOADED))
        await self._tell_complete(number)

    def _fail(self, failure: SubgraphError) -> None:
        if self._failure is not None:
            return
        self._failure = failure
        for queue in self._waiting.values():
            if not queue.full():
                queue.put_nowait(failure)

    def _parse(self, text: str | bytes) -> Mapping[str, Any]:
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise stream_error(self._service, "sent a message that is not JSON", _MALFORMED) from error
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise stream_error(self._service, "sent a message without a type", _MALFORMED)
        return message

    def _response_of(self, message: Mapping[str, Any]) -> SubgraphResponse:
        payload = message.get("payload")
        if message["type"] == "error":
            payload = {"errors": payload}
        return read_response(self._service, payload)

    async def _tell_complete(self, number: str) -> None:
        with suppress(ConnectionClosed):  # then it has ended anyhow
            await self._send({"id": number, "type": "complete"})

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._socket.send(encode_json(message).decode())


def _closing(error: ConnectionClosed) -> str:
    return f" with code {error.rcvd.code}" if error.rcvd is not None else ""
