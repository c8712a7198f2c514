"""The subgraph over graphql-transport-ws: one connection, many operations.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

What the client tells in `connection_init` counts as headers, over those of the handshake: that is how a
router shows whose subscription it is. Operations of one connection are bounded; whatever breaks the protocol
closes it with the protocol's code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any

import orjson
from fastapi import WebSocket, WebSocketDisconnect

from subgraphs.kit.operation_runner import OperationRunner
from subgraphs.kit.request_body import MalformedRequestError, read_request
from subgraphs.kit.subgraph_request import SubgraphRequest

SUBPROTOCOL = "graphql-transport-ws"
INIT_S_MAX = 10.0
OPERATIONS_MAX = 1_000


class _CloseError(Exception):
    """The connection is closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def serve_socket(socket: WebSocket, runner: OperationRunner, bytes_max: int) -> None:
    """Serves one connection until either side closes it."""
    if SUBPROTOCOL not in socket.scope.get("subprotocols", ()):
        await socket.accept()
        await socket.close(4406, "Subprotocol not acceptable")
        return
    await socket.accept(SUBPROTOCOL)
    connection = _Connection(socket, runner, bytes_max)
    try:
        await connection.serve()
    except _CloseError as close:
        await socket.close(close.code, close.reason)
    except WebSocketDisconnect:
        pass  # the client has gone; what runs for it is ended below
    finally:
        await connection.end()


class _Connection:
    def __init__(self, socket: WebSocket, runner: OperationRunner, bytes_max: int) -> None:
        self._socket = socket
        self._runner = runner
        self._bytes_max = bytes_max
        self._headers = {name.lower(): value for name, value in socket.headers.items()}
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._is_acknowledged = False

    async def serve(self) -> None:
        try:
            async with asyncio.timeout(INIT_S_MAX):
                while not self._is_acknowledged:
                    await self._take(await self._receive())
        except TimeoutError as error:
            raise _CloseError(4408, "Connection initialisation timeout") from error
        while True:
            await self._take(await self._receive())

    async def end(self) -> None:
        """Ends what runs on the connection."""
        tasks = [*self._operations.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> dict[str, Any]:
        text = await self._socket.receive_text()
        if len(text) > self._bytes_max:
            raise _CloseError(1009, "The message is too big")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise _CloseError(4400, "Messages are JSON") from error
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _CloseError(4400, "Messages have a type")
        return message

    async def _take(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._initialise(message.get("payload"))
            case "ping":
                await self._send(type="pong")
            case "pong":
                return
            case "subscribe":
                self._start(message)
            case "complete":
                task = self._operations.pop(str(message.get("id")), None)
                if task is not None:
                    task.cancel()
            case other:
                raise _CloseError(4400, f"Unknown message type {other[:40]}")

    async def _initialise(self, payload: Any) -> None:
        if self._is_acknowledged:
            raise _CloseError(4429, "Too many initialisation requests")
        if isinstance(payload, dict):
            told = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
            self._headers = {**self._headers, **told}
        self._is_acknowledged = True
        await self._send(type="connection_ack")

    def _start(self, message: Mapping[str, Any]) -> None:
        number = message.get("id")
        if not self._is_acknowledged:
            raise _CloseError(4401, "Unauthorized")
        if not isinstance(number, str) or not number:
            raise _CloseError(4400, "An operation has an id")
        if not self._runner.is_from_router(self._headers):
            raise _CloseError(4403, "Only the router may ask this subgraph")
        if number in self._operations:
            raise _CloseError(4409, f"Subscriber for {number[:60]} already exists")
        if len(self._operations) >= OPERATIONS_MAX:
            raise _CloseError(4400, f"More than {OPERATIONS_MAX} operations on one connection")
        try:
            request = read_request(message.get("payload"), self._headers)
        except MalformedRequestError as error:
            raise _CloseError(4400, str(error)[:120]) from error
        self._operations[number] = asyncio.create_task(self._run(number, request))

    async def _run(self, number: str, request: SubgraphRequest) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # closed meanwhile: the reader hears it, too
            try:
                if await self._answer(number, request):
                    await self._send(id=number, type="complete")
            finally:
                if self._operations.get(number) is asyncio.current_task():
                    del self._operations[number]

    async def _answer(self, number: str, request: SubgraphRequest) -> bool:
        """Sends the responses; returns whether the end has still to be told."""
        async with aclosing(self._runner.subscribe(request)) as responses:
            async for response in responses:
                if "data" not in response:
                    await self._send(id=number, type="error", payload=response["errors"])
                    return False
                await self._send(id=number, type="next", payload=response)
        return True

    async def _send(self, **message: Any) -> None:
        await self._socket.send_text(orjson.dumps(message).decode())
