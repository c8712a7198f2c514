"""An OTLP collector on loopback: takes spans over HTTP as protobuf, as a real one does."""

from __future__ import annotations

import contextlib
import gzip
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True, slots=True)
class ReceivedSpan:
    """One span in plain values; ids are hexadecimal, a root has an empty `parent_id`."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    start_ns: int
    end_ns: int
    attributes: Mapping[str, Any]
    is_error: bool
    trace_state: str
    links: tuple[str, ...]


@dataclass(slots=True)
class Collector:
    """What the collector got; `status` is how it answers from now on."""

    url: str = ""
    status: int = 200
    exports: int = 0
    headers: list[Mapping[str, str]] = field(default_factory=list)
    resources: list[Mapping[str, Any]] = field(default_factory=list)
    spans: list[ReceivedSpan] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def named(self, name: str) -> list[ReceivedSpan]:
        """Returns the spans of that name."""
        return [span for span in list(self.spans) if span.name == name]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, collector: Collector) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.collector = collector


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Prints nothing."""

    def do_POST(self) -> None:
        """Takes one export."""
        assert isinstance(self.server, _Server)
        collector = self.server.collector
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        collector.may_answer.wait()
        collector.exports += 1
        if collector.status == 200:
            collector.headers.append({name.lower(): value for name, value in self.headers.items()})
            _take(collector, ExportTraceServiceRequest.FromString(body))
        self.send_response(collector.status)
        self.send_header("content-length", "0")
        self.end_headers()


def _take(collector: Collector, request: ExportTraceServiceRequest) -> None:
    for of_resource in request.resource_spans:
        collector.resources.append(_values(of_resource.resource.attributes))
        for of_scope in of_resource.scope_spans:
            collector.spans += [_read(span) for span in of_scope.spans]


def _read(span: Span) -> ReceivedSpan:
    return ReceivedSpan(
        span.name,
        span.kind,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        _values(span.attributes),
        span.status.code == 2,
        span.trace_state,
        tuple(link.trace_id.hex() for link in span.links),
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind)


@contextlib.contextmanager
def collect() -> Iterator[Collector]:
    """Runs a collector on a free port while the block runs."""
    collector = Collector()
    collector.may_answer.set()
    server = _Server(collector)
    collector.url = f"http://127.0.0.1:{server.server_address[1]}/v1/traces"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        collector.may_answer.set()
        server.shutdown()
        server.server_close()
        thread.join()
