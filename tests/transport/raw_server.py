"""A server that does what a test says, byte by byte, on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from router.config import SubgraphConfig, TransportConfig
from router.executor.transport.client import SubgraphRequest
from router.executor.transport.http import HttpClient

DEADLINE_S = 20
QUERY = SubgraphRequest("{ a }")
MUTATION = SubgraphRequest("mutation { a }", is_mutation=True)


@dataclass(frozen=True, slots=True)
class Received:
    """One request as the server read it; header names are lower-case."""

    request_line: str
    headers: dict[str, str]
    payload: Any


@dataclass(slots=True)
class Peer:
    """One connection, as the behaviour of a server sees it; `number` counts connections from 1."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def receive(self) -> Received | None:
        """Reads one request; None when the client closed."""
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        request_line, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await self.reader.readexactly(int(headers["content-length"]))
        return Received(request_line, headers, json.loads(body))

    def send(self, raw: bytes) -> None:
        """Sends bytes as they are."""
        self.writer.write(raw)

    def answer(self, payload: Any, *, status: str = "200 OK", headers: str = "") -> None:
        """Sends a JSON response (bytes are sent as they are)."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.send(f"HTTP/1.1 {status}\r\n{headers}content-length: {len(body)}\r\n\r\n".encode() + body)


Behaviour = Callable[[Peer, Received], Awaitable[None]]


@dataclass(slots=True)
class RawServer:
    """A running server; `behaviour` answers each request."""

    behaviour: Behaviour
    port: int = 0
    connections: int = 0
    received: list[Received] = field(default_factory=list)
    closed_by_client: asyncio.Event = field(default_factory=asyncio.Event)
    conversations: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The address of its GraphQL endpoint."""
        return f"http://127.0.0.1:{self.port}/graphql"

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begins a conversation on a new connection."""
        task = asyncio.create_task(self.serve(reader, writer))
        self.conversations.add(task)
        task.add_done_callback(self.conversations.discard)

    async def stop(self) -> None:
        """Ends every conversation, also those that would never end by themselves."""
        ending = tuple(self.conversations)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handles one connection until either side ends it."""
        self.connections += 1
        peer = Peer(self.connections, reader, writer)
        try:
            while not writer.is_closing() and (request := await peer.receive()) is not None:
                self.received.append(request)
                await self.behaviour(peer, request)
                with contextlib.suppress(ConnectionError):
                    await writer.drain()
            if not writer.is_closing():
                self.closed_by_client.set()
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def raw_server(
    behaviour: Behaviour, *, tls: ssl.SSLContext | None = None, socket_path: str | None = None
) -> AsyncIterator[RawServer]:
    """Serves `behaviour` on a free port, or on a Unix socket, while the block runs."""
    raw = RawServer(behaviour)
    if socket_path is not None:
        server = await asyncio.start_unix_server(raw.accept, socket_path)
    else:
        server = await asyncio.start_server(raw.accept, "127.0.0.1", 0, ssl=tls)
        raw.port = server.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        server.close()
        await raw.stop()


@contextlib.asynccontextmanager
async def client_of(
    url: str, subgraph: SubgraphConfig | None = None, **settings: Any
) -> AsyncIterator[HttpClient]:
    """A client named "shop" that is closed with the block; `settings` are TransportConfig's."""
    client = HttpClient("shop", url, TransportConfig.model_validate(settings), subgraph)
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield client
    finally:
        await client.close()


async def answer_one(peer: Peer, _request: Received) -> None:
    """Answers `{"data": {"a": 1}}` and keeps the connection."""
    peer.answer({"data": {"a": 1}})
