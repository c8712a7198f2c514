"""From a fetch to the bytes of an HTTP request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from router.config import RequestCompressionConfig
from router.executor.transport.client import SubgraphRequest
from router.executor.transport.content_coding import compress
from router.executor.transport.url import SubgraphUrl
from router.response.encode import encode_json


class RequestEncoder:
    """Writes requests to one subgraph; what never changes between them is written once."""

    def __init__(
        self,
        *,
        propagate: Iterable[str],
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
        self._propagate = tuple(
            name for name in dict.fromkeys(each.lower() for each in propagate) if name not in said
        )
        self._compression = compression or RequestCompressionConfig()

    def head(self, url: SubgraphUrl) -> bytes:
        """Returns how each request to `url` begins."""
        headers = {"host": url.host_header, **self._headers}
        lines = (f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {url.target} HTTP/1.1\r\n{''.join(lines)}".encode("latin-1")

    def encode(self, head: bytes, request: SubgraphRequest, time_left_s: float = 0.0) -> bytes:
        """Returns head and body of one request; raises ValueError when variables have no JSON form."""
        body = encode_body(request)
        parts = [head]
        headers = request.headers
        if headers:
            for name in self._propagate:
                value = headers.get(name)
                if value is not None and is_header_safe(value):
                    parts.append(f"{name}: {value}\r\n".encode("latin-1"))
        if self._deadline_line is not None:
            parts.append(self._deadline_line % max(1, time_left_s * 1000))
        coding = self._compression.coding
        if coding is not None and len(body) >= self._compression.bytes_min:
            body = compress(coding, body)
            parts.append(f"content-encoding: {coding}\r\n".encode())
        parts += (b"content-length: %d\r\n\r\n" % len(body), body)
        return b"".join(parts)


def is_header_safe(value: str) -> bool:
    """Tells whether a value can stand in a header: one line, Latin-1."""
    return value.isprintable() and (value.isascii() or all(character <= "\xff" for character in value))


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
