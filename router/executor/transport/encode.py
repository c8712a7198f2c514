"""From a fetch to the bytes of an HTTP request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from router.config import RequestCompressionConfig
from router.executor.transport.client import SubgraphRequest
from router.executor.transport.content_coding import compress
from router.executor.transport.header_lines import TRACE_HEADER, header_lines, is_header_safe, line_names
from router.executor.transport.url import SubgraphUrl
from router.response.encode import encode_json

MILLISECOND = 0.001


class RequestEncoder:
    """Writes requests to one subgraph; what never changes between them is written once."""

    def __init__(
        self,
        *,
        propagate: Iterable[str],
        propagate_with_mutations: Iterable[str] = (),
        own_headers: Mapping[str, str],
        accept_codings: Sequence[str] = (),
        deadline_header: str | None = None,
        compression: RequestCompressionConfig | None = None,
    ) -> None:
        self._headers = {
            "content-type": "application/json",
            "accept": "application/graphql-response+json, application/json",
            **({"accept-encoding": ", ".join(accept_codings)} if accept_codings else {}),
            **{name.lower(): value for name, value in own_headers.items()},
        }
        deadline = (deadline_header or "").lower()
        tells_deadline = deadline != "" and deadline not in self._headers
        self._deadline_line = f"{deadline}: %d\r\n".encode() if tells_deadline else None
        # What the transport or the configuration says is never overruled by a client.
        said = {"host", deadline, *self._headers}
        names = [each.lower() for each in propagate]
        self._propagate = line_names(names, without=said)
        self._with_mutations = line_names([*names, *propagate_with_mutations], without=said)
        self._propagates_trace = TRACE_HEADER in names and TRACE_HEADER not in said
        self._compression = compression or RequestCompressionConfig()

    def head(self, url: SubgraphUrl) -> bytes:
        """Returns how each request to `url` begins."""
        headers = {"host": url.host_header, **self._headers}
        lines = (f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {url.target} HTTP/1.1\r\n{''.join(lines)}".encode("latin-1")

    def encode(self, head: bytes, request: SubgraphRequest, time_left_s: float = 0.0) -> bytes:
        """Returns head and body of one request; raises ValueError when variables have no JSON form."""
        body = request.body if request.body is not None else encode_body(request)
        head += header_lines(request, self._with_mutations if request.is_mutation else self._propagate)
        trace = request.traceparent
        if trace is None and self._propagates_trace:
            trace = request.headers.get(TRACE_HEADER)
        if trace is not None and is_header_safe(trace):
            head += b"%b: %b\r\n" % (TRACE_HEADER.encode(), trace.encode("latin-1"))
        if self._deadline_line is not None:
            head += self._deadline_line % (time_left_s * 1000 if time_left_s > MILLISECOND else 1)
        coding = self._compression.coding
        if coding is not None and len(body) >= self._compression.bytes_min:
            body = compress(coding, body)
            head += f"content-encoding: {coding}\r\n".encode()
        return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)


def encode_body(request: SubgraphRequest) -> bytes:
    """Returns the JSON of a request; raises ValueError when variables have no JSON form."""
    if request.body is not None:
        return request.body
    body: dict[str, Any] = {"query": request.query}
    if request.variables:
        body["variables"] = request.variables
    if request.operation_name is not None:
        body["operationName"] = request.operation_name
    return encode_json(body)
