"""Clients that are silent, that trickle, that do not read, and that are too many."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
import websockets

from router.config import ServerConfig
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.result import GraphQLResult
from router.server.app import create_app
from router.server.asgi import AsgiApp, Receive, Send
from router.server.connection import connection_type
from tests.server.local_router import LocalRouter
from tests.server.serving import DEADLINE_S, Served, request_bytes
from tests.support.processes import wait_until_async

QUERY = b'{"query": "{ __typename }"}'
JSON = {"content-type": "application/json"}
REQUEST = request_bytes("POST", "/graphql", JSON, QUERY).replace(b"connection: close\r\n", b"")
LARGE = 40_000_000


class Large(LocalRouter):
    """A router whose answer fills every buffer on the way."""

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        return GraphQLResult(encoded=b'"%b"' % (b"x" * LARGE))


@contextlib.asynccontextmanager
async def bounded(
    config: ServerConfig, served: LocalRouter | AsgiApp | None = None, keep_alive_s: int = 75
) -> AsyncIterator[tuple[int, uvicorn.Server]]:
    """Serves the edge, or any application, with the connections of the product; yields port and server."""
    router = served or LocalRouter()
    app = create_app(router, config, is_ready=lambda: True) if isinstance(router, LocalRouter) else router
    settings = uvicorn.Config(
        app,
        http=connection_type(config),
        log_config=None,
        lifespan="off",
        ws="websockets-sansio",
        timeout_keep_alive=keep_alive_s,
    )
    server = uvicorn.Server(settings)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await wait_until_async(lambda: server.started)
        try:
            yield listener.getsockname()[1], server
        finally:
            server.should_exit = True
            await task


async def ends(reader: asyncio.StreamReader) -> bytes:
    """Returns what the server sends until it closes the connection."""
    async with asyncio.timeout(DEADLINE_S):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
        return b""


async def test_a_client_that_says_nothing_is_let_go() -> None:
    async with bounded(ServerConfig(head_timeout_ms=100)) as (port, server):
        for begun in (b"", b"\r\n", b"POST /gr", REQUEST[:60]):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begun)
            assert await ends(reader) == b""
            writer.close()
        await wait_until_async(lambda: not server.server_state.connections)


async def test_a_head_that_trickles_has_one_deadline() -> None:
    async with bounded(ServerConfig(head_timeout_ms=300)) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                for byte in REQUEST * 1_000:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())
        # A head of a hundred bytes, at fifty a second, takes longer than the deadline allows.
        assert await ends(reader) == b""
        trickling.cancel()
        writer.close()


async def test_a_connection_that_is_used_stays() -> None:
    async with bounded(ServerConfig(head_timeout_ms=500)) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for pause in (0.0, 0.7, 0.0):
            await asyncio.sleep(pause)  # idle between requests is what keep-alive allows
            writer.write(REQUEST)
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
            await reader.readuntil(b"}}")
        writer.write(REQUEST[:40])  # the next head does not come
        assert await ends(reader) == b""
        writer.close()


async def test_a_slow_operation_is_not_taken_for_silence() -> None:
    router = LocalRouter(slow_seconds=0.5)
    async with bounded(ServerConfig(head_timeout_ms=100), router) as (port, _):
        assert (await Served(port).post({"query": "{ slow }"})).json == {"data": {"slow": "done"}}


async def test_a_websocket_is_not_waited_for() -> None:
    async def echo(_scope: object, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})

    async with (
        bounded(ServerConfig(head_timeout_ms=100), echo) as (port, _),
        websockets.connect(f"ws://127.0.0.1:{port}/") as connection,
    ):
        for text in ("first", "second"):
            await connection.send(text)
            assert await connection.recv() == text
            await asyncio.sleep(0.3)  # longer than a head may take


async def test_a_client_that_does_not_read_is_let_go() -> None:
    async with bounded(ServerConfig(), Large(), keep_alive_s=1) as (port, server):
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
        writer.write(REQUEST)
        await wait_until_async(lambda: server.server_state.total_requests == 1)
        await wait_until_async(lambda: not server.server_state.connections)
        writer.close()


async def test_a_client_that_reads_slowly_gets_everything() -> None:
    async with bounded(ServerConfig(), Large(), keep_alive_s=1) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
        writer.write(REQUEST)
        size = 0
        async with asyncio.timeout(DEADLINE_S * 3):
            while size < LARGE:
                chunk = await reader.read(2_000_000)
                assert chunk, f"the connection ended after {size} bytes"
                size += len(chunk)
                await asyncio.sleep(0)
        writer.close()


async def test_connections_beyond_the_bound_are_closed_at_once() -> None:
    async with bounded(ServerConfig(max_connections=2)) as (port, server):
        kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await wait_until_async(lambda: len(server.server_state.connections) == 2)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await ends(reader) == b""
        writer.close()
        kept[0][1].write(REQUEST)
        assert await kept[0][0].readline() == b"HTTP/1.1 200 OK\r\n"
        for _, one in kept:
            one.close()
        await wait_until_async(lambda: not server.server_state.connections)
        assert (await Served(port).post({"query": "{ __typename }"})).status == 200
