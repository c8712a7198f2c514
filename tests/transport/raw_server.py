"""A server that does what a test says, byte by byte, on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from router.config import SubgraphConfig, TransportConfig
from router.errors import SubgraphError
from router.executor.transport.client import SubgraphClient, SubgraphRequest
from router.executor.transport.http import HttpClient
from router.executor.transport.resources import TransportResources

DEADLINE_S = 20
QUERY = SubgraphRequest("{ a }")
MUTATION = SubgraphRequest("mutation { a }", is_mutation=True)


@dataclass(frozen=True, slots=True)
class Received:
    """One request as the server read it; header names are lower-case."""

    request_line: str
    lines: list[str]
    raw: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Its headers, by name."""
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in self.lines)}

    @property
    def payload(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.raw)


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
        length = next(line for line in lines if line.startswith("content-length: "))
        body = await self.reader.readexactly(int(length.split(": ")[1]))
        return Received(request_line, lines, body)

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
    host: str = "127.0.0.1"
    port: int = 0
    connections: int = 0
    received: list[Received] = field(default_factory=list)
    closed_by_client: asyncio.Event = field(default_factory=asyncio.Event)
    conversations: set[asyncio.Task[None]] = field(default_factory=set)
    is_stopped: bool = False

    @property
    def url(self) -> str:
        """The address of its GraphQL endpoint."""
        return f"http://{self.host}:{self.port}/graphql"

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begins a conversation on a new connection."""
        if self.is_stopped:
            writer.transport.abort()
            return
        task = asyncio.create_task(self.serve(reader, writer))
        self.conversations.add(task)
        task.add_done_callback(self.conversations.discard)
        # A task that is cancelled before its first step closes nothing by itself.
        task.add_done_callback(lambda _: writer.transport.abort())

    async def stop(self) -> None:
        """Ends every conversation, also those that would never end by themselves."""
        self.is_stopped = True
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
    behaviour: Behaviour,
    *,
    tls: ssl.SSLContext | None = None,
    socket_path: str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[RawServer]:
    """Serves `behaviour` on a free port, or on a Unix socket, while the block runs."""
    raw = RawServer(behaviour, host)
    if socket_path is not None:
        server = await asyncio.start_unix_server(raw.accept, socket_path)
    else:
        server = await asyncio.start_server(raw.accept, host, port, ssl=tls)
        raw.port = server.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        server.close()
        await raw.stop()


@contextlib.asynccontextmanager
async def client_of(
    urls: str | Sequence[str],
    subgraph: SubgraphConfig | None = None,
    resources: TransportResources | None = None,
    **settings: Any,
) -> AsyncIterator[HttpClient]:
    """A client named "shop" that is closed with the block; `settings` are TransportConfig's."""
    client = HttpClient("shop", urls, TransportConfig.model_validate(settings), subgraph, resources)
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield client
    finally:
        await client.close()


async def until(holds: Callable[[], object]) -> None:
    """Waits until something holds that happens in another task."""
    async with asyncio.timeout(DEADLINE_S):
        while not holds():  # noqa: ASYNC110 - there is no event for what a server or a timer does
            await asyncio.sleep(0.002)


async def outcome(client: SubgraphClient, request: SubgraphRequest = QUERY) -> str:
    """Returns the code of a call's error, or "answered"."""
    try:
        await client.execute(request)
    except SubgraphError as error:
        return error.code
    return "answered"


async def never_answer(_peer: Peer, _request: Received) -> None:
    """Says nothing, and does not notice that the client leaves."""
    await asyncio.Event().wait()


async def only_listen(_peer: Peer, _request: Received) -> None:
    """Says nothing and reads on, so that it notices when the client closes."""


async def answer_one(peer: Peer, _request: Received) -> None:
    """Answers `{"data": {"a": 1}}` and keeps the connection."""
    peer.answer({"data": {"a": 1}})
