"""A subgraph behind a real socket that answers one thing, counts its connections and can be held."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOLD_SECONDS_MAX = 60.0


class GatedSubgraph(ThreadingHTTPServer):
    """Answers every operation with `data`, once the gate is open."""

    daemon_threads = True

    def __init__(self, data: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.data = data
        self.gate = threading.Event()
        self.gate.set()
        self.connections_total = 0
        self.connections_open = 0
        self.requests_begun = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}/graphql"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Counts the connection."""
        with self.lock:
            self.connections_total += 1
            self.connections_open += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Counts that it is closed."""
        super().shutdown_request(request)
        with self.lock:
            self.connections_open -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Prints nothing."""

    def do_POST(self) -> None:
        """Answers one operation."""
        server = self.server
        assert isinstance(server, GatedSubgraph)
        self.rfile.read(int(self.headers["content-length"]))
        with server.lock:
            server.requests_begun += 1
        assert server.gate.wait(HOLD_SECONDS_MAX), "the test never opened the gate"
        content = json.dumps({"data": server.data}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)


@contextlib.contextmanager
def gated_subgraph(data: Any) -> Iterator[GatedSubgraph]:
    """Serves a subgraph while the block runs."""
    with GatedSubgraph(data) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.gate.set()
            server.shutdown()
            thread.join()
