"""The edge behind a real uvicorn, and a client that says exactly the bytes it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from router.config import LimitsConfig, ServerConfig
from router.pipeline.in_flight import QueriesInFlight
from router.server.app import RouterApp, create_app
from router.server.asgi import AsgiApp
from tests.server.local_router import LocalRouter

DEADLINE_S = 20


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One HTTP response as it came over the socket; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        """`extensions.code` of each error."""
        return [error["extensions"]["code"] for error in self.json.get("errors", [])]


@dataclass(slots=True)
class Served:
    """A running edge and what stands behind it."""

    port: int
    router: LocalRouter = field(default_factory=LocalRouter)
    is_ready: bool = True
    in_flight: QueriesInFlight | None = None
    app: RouterApp | None = None

    async def send(
        self,
        method: str = "POST",
        target: str = "/graphql",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpAnswer:
        """Sends one request on a connection of its own and returns the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request_bytes(method, target, headers or {}, body))
            await writer.drain()
            async with asyncio.timeout(DEADLINE_S):
                return parse_answer(await reader.read())
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def post(self, payload: Any, **headers: str) -> HttpAnswer:
        """Posts `payload` as JSON (bytes are sent as they are); underscores in header names become dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return await self.send(headers={"content-type": "application/json", **named}, body=body)


def request_bytes(method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Returns an HTTP/1.1 request that closes its connection."""
    lines = [f"{method} {target} HTTP/1.1", "host: router.test", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if headers.get("transfer-encoding") == "chunked":
        body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    elif body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def parse_answer(raw: bytes) -> HttpAnswer:
    """Returns the one response in `raw`, whose body ends with the connection."""
    head, _, body = raw.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return HttpAnswer(
        int(status_line.split()[1]), {name.lower(): value for name, value in headers.items()}, body
    )


@contextlib.asynccontextmanager
async def serve(
    config: ServerConfig | None = None,
    limits: LimitsConfig | None = None,
    *,
    slow_seconds: float = 1.0,
    shares: bool = False,
) -> AsyncIterator[Served]:
    """Serves a LocalRouter behind the edge on a free port while the block runs.

    With `shares`, identical queries in flight share one execution.
    """
    config, router = (
        config or ServerConfig(),
        LocalRouter(limits=limits or LimitsConfig(), slow_seconds=slow_seconds),
    )
    in_flight = QueriesInFlight(router, config.deduplication.headers) if shares else None
    app = create_app(in_flight or router, config, limits=limits, is_ready=lambda: served.is_ready)
    served = Served(0, router, in_flight=in_flight, app=app)
    async with listen(app) as served.port:
        yield served


@contextlib.asynccontextmanager
async def listen(app: AsgiApp) -> AsyncIterator[int]:
    """Serves any application by uvicorn while the block runs; yields its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag alone
                await asyncio.sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task
