"""Clients that speak the protocols plainly: a WebSocket, an event stream, a multipart body."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.subscriptions.world import DEADLINE_S


class Socket:
    """A graphql-transport-ws client; pings are answered and kept aside with the positions they tell."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.positions: dict[str, str] = {}

    async def send(self, **message: Any) -> None:
        """Sends one message."""
        await self.connection.send(json.dumps(message))

    async def initialise(self, payload: Mapping[str, Any] | None = None) -> None:
        """Introduces itself and waits for the acknowledgement."""
        await self.send(type="connection_init", **({"payload": payload} if payload is not None else {}))
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, id_: str, query: str, **payload: Any) -> None:
        """Starts an operation."""
        await self.send(type="subscribe", id=id_, payload={"query": query, **payload})

    async def subscribe_to_feed(self, id_: str, query: str, **payload: Any) -> str:
        """Starts a subscription to a feed and returns the position it begins at."""
        await self.subscribe(id_, query, **payload)
        while id_ not in self.positions:
            await self._take_ping(await self._receive_any())
        return self.positions[id_]

    async def receive(self) -> dict[str, Any]:
        """Returns the next message that is no ping."""
        while True:
            message = await self._receive_any()
            if message["type"] != "ping":
                return message
            await self._take_ping(message)

    async def payload(self) -> dict[str, Any]:
        """Returns the payload of the next message, which is a `next`."""
        message = await self.receive()
        assert message["type"] == "next", message
        return message["payload"]

    async def closing(self) -> tuple[int, str]:
        """Waits for the socket to be closed; returns code and reason."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    await self.connection.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "closed without a close frame"
            return closed.rcvd.code, closed.rcvd.reason

    async def _receive_any(self) -> dict[str, Any]:
        async with asyncio.timeout(DEADLINE_S):
            return json.loads(await self.connection.recv())

    async def _take_ping(self, message: Mapping[str, Any]) -> None:
        assert message["type"] == "ping", message
        payload = message.get("payload")
        if payload is not None:
            self.positions[payload["id"]] = payload["position"]
        await self.send(type="pong")


@contextlib.asynccontextmanager
async def open_socket(
    port: int, *, subprotocol: str | None = "graphql-transport-ws", **headers: str
) -> AsyncIterator[Socket]:
    """Connects to the router; underscores in header names become dashes."""
    async with connect(
        f"ws://127.0.0.1:{port}/graphql",
        subprotocols=[Subprotocol(subprotocol)] if subprotocol is not None else None,
        additional_headers={name.replace("_", "-"): value for name, value in headers.items()},
        compression=None,
        proxy=None,
    ) as connection:
        yield Socket(connection)


@contextlib.asynccontextmanager
async def ready_socket(port: int, payload: Mapping[str, Any] | None = None) -> AsyncIterator[Socket]:
    """Connects and introduces itself."""
    async with open_socket(port) as socket:
        await socket.initialise(payload)
        yield socket


@dataclass
class Streamed:
    """An HTTP response whose body is read as it comes."""

    status: int
    headers: Mapping[str, str]
    reader: asyncio.StreamReader
    unread: bytes = b""

    async def piece(self, end: bytes) -> bytes:
        """Returns what comes up to and with `end`; the body must be sent in chunks."""
        async with asyncio.timeout(DEADLINE_S):
            while end not in self.unread:
                size = int(await self.reader.readline(), 16)
                if size == 0:
                    raise EOFError(self.unread)
                self.unread += (await self.reader.readexactly(size + 2))[:-2]
        found, _, self.unread = self.unread.partition(end)
        return found + end

    async def event(self) -> dict[str, str]:
        """Returns the next event or heartbeat of an event stream, by field."""
        block = (await self.piece(b"\n\n")).decode()
        fields: dict[str, str] = {}
        for line in block.strip("\n").split("\n"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        return fields

    async def next_event(self) -> dict[str, str]:
        """Returns the next event that is no heartbeat."""
        while "event" not in (event := await self.event()):
            pass
        return event

    async def rest(self) -> bytes:
        """Returns the whole body of a response that is no stream."""
        async with asyncio.timeout(DEADLINE_S):
            return await self.reader.readexactly(int(self.headers["content-length"]))


@contextlib.asynccontextmanager
async def request(
    port: int, method: str = "POST", target: str = "/graphql", body: Any = None, **headers: str
) -> AsyncIterator[Streamed]:
    """Sends one request and gives the response while the block runs; leaving it cuts the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    content = json.dumps(body).encode() if body is not None else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named = {"content-type": "application/json", "content-length": str(len(content)), **named}
    lines = [f"{method} {target} HTTP/1.1", f"host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in named.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + content)
    try:
        async with asyncio.timeout(DEADLINE_S):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status, *rest = head.strip().split("\r\n")
        found = dict(line.split(": ", 1) for line in rest)
        yield Streamed(int(status.split()[1]), {name.lower(): value for name, value in found.items()}, reader)
    finally:
        writer.transport.abort()
