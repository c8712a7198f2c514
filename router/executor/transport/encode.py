"""From a fetch to the bytes of an HTTP request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from router.executor.transport.client import SubgraphRequest
from router.executor.transport.url import SubgraphUrl
from router.response.encode import encode_json


class RequestEncoder:
    """Writes requests to one subgraph; what never changes between them is written once."""

    def __init__(
        self,
        url: SubgraphUrl,
        *,
        propagate: Iterable[str],
        own_headers: Mapping[str, str],
        accept_gzip: bool,
    ) -> None:
        own = {name.lower(): value for name, value in own_headers.items()}
        # A header the configuration sets is never overruled by a client.
        self._propagate = tuple(name for name in (n.lower() for n in propagate) if name not in own)
        lines = [
            f"POST {url.target} HTTP/1.1",
            f"host: {url.host_header}",
            "content-type: application/json",
            "accept: application/graphql-response+json, application/json",
            *(["accept-encoding: gzip"] if accept_gzip else []),
            *(f"{name}: {value}" for name, value in own.items()),
        ]
        self._head = ("\r\n".join(lines) + "\r\n").encode("latin-1")

    def encode(self, request: SubgraphRequest) -> bytes:
        """Returns head and body of one request; raises ValueError when variables have no JSON form."""
        body = encode_json(_body_of(request))
        lines = [self._head]
        for name in self._propagate:
            value = request.headers.get(name)
            if value is not None and is_header_safe(value):
                lines.append(f"{name}: {value}\r\n".encode("latin-1"))
        lines.append(b"content-length: %d\r\n\r\n" % len(body))
        lines.append(body)
        return b"".join(lines)


def is_header_safe(value: str) -> bool:
    """Tells whether a value can stand in a header: one line, Latin-1."""
    return value.isprintable() and all(character <= "\xff" for character in value)


def _body_of(request: SubgraphRequest) -> dict[str, Any]:
    body: dict[str, Any] = {"query": request.query}
    if request.variables:
        body["variables"] = request.variables
    if request.operation_name is not None:
        body["operationName"] = request.operation_name
    return body
