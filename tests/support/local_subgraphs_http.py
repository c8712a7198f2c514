"""The local subgraphs behind real sockets, for routers that are other programs."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.local_subgraphs import LocalSubgraph


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, subgraphs: Mapping[str, LocalSubgraph], port: int, seen: list[Mapping[str, str]]
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.subgraphs = subgraphs
        self.seen = seen
        self.one_at_a_time = threading.Lock()  # the log and the journal are shared by all subgraphs


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Prints nothing; the fetch log has it all."""

    def do_POST(self) -> None:
        """Answers `POST /<subgraph>` with the GraphQL response."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        server = self.server
        assert isinstance(server, _Server)
        subgraph = server.subgraphs.get(self.path.strip("/"))
        if subgraph is None:
            self.send_error(404)
            return
        with server.one_at_a_time:
            server.seen.append({name.lower(): value for name, value in self.headers.items()})
            answer = subgraph.run(body["query"], body.get("variables"), body.get("operationName"))
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextlib.contextmanager
def serve_subgraphs(
    subgraphs: Mapping[str, LocalSubgraph], port: int = 0, seen: list[Mapping[str, str]] | None = None
) -> Iterator[dict[str, str]]:
    """Serves the subgraphs while the block runs; yields the URL of each by name.

    The headers of every request go into `seen`, in the order they are answered.
    """
    server = _Server(subgraphs, port, [] if seen is None else seen)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield {name: f"http://127.0.0.1:{server.server_address[1]}/{name}" for name in subgraphs}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
