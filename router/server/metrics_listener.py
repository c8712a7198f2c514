"""The port on which Prometheus asks for metrics, apart from the port of clients."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from router.config import MetricsConfig
from router.server.asgi import Receive, Scope, Send
from router.telemetry.metrics import Metrics

_TEXT = (b"content-type", CONTENT_TYPE_PLAIN_0_0_4.encode())
_CONNECTIONS_MAX = 16


@contextlib.asynccontextmanager
async def serve_metrics(
    metrics: Metrics, config: MetricsConfig, listener: socket.socket
) -> AsyncIterator[int]:
    """Answers scrapes on a bound socket while the block runs, and closes it; yields the port.

    It runs in the event loop of the router: what is counted is read between two steps of requests, never in
    the middle of one.
    """
    with listener:
        server = _Listener(
            uvicorn.Config(
                _Scrapes(metrics, config.path),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                limit_concurrency=_CONNECTIONS_MAX,
                timeout_graceful_shutdown=1,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


def listen_for_scrapes(config: MetricsConfig, worker: int = 0) -> socket.socket:
    """Returns a socket on the port of a worker; raises OSError when it is taken or not ours."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port + worker if config.port else 0))
    except OSError:
        listener.close()
        raise
    return listener


class _Listener(uvicorn.Server):
    """A server beside the router's own, which alone listens to signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Scrapes:
    """The ASGI application: one page."""

    def __init__(self, metrics: Metrics, path: str) -> None:
        self._metrics = metrics
        self._path = path

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answers one scrape."""
        if scope["path"] != self._path:
            await _send(send, 404, b"Metrics are at " + self._path.encode() + b"\n")
        elif scope["method"] not in {"GET", "HEAD"}:
            await _send(send, 405, b"", (b"allow", b"GET, HEAD"))
        else:
            await _send(send, 200, self._metrics.text())


async def _send(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    head = {"type": "http.response.start", "status": status, "headers": [_TEXT, length, *headers]}
    await send(head)
    await send({"type": "http.response.body", "body": body})
