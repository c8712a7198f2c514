"""The ASGI types by short names, and the parts of an HTTP scope the edge reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from msgspec import Struct

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
RawHeaders = Sequence[tuple[bytes, bytes]]


class HttpRequest(Struct, frozen=True):
    """One HTTP request before its body; header names are lower-case."""

    method: str
    path: str
    query_string: bytes
    headers: dict[str, str]
    request_id: str
    client_address: str = ""


def read_headers(raw: RawHeaders) -> dict[str, str]:
    """Returns headers as one map; a repeated header is joined as RFC 9110 section 5.3 allows."""
    # ASGI gives the names in lower case.
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    return headers if len(headers) == len(raw) else _join_repeated(raw)


def _join_repeated(raw: RawHeaders) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers:
            separator = "; " if name == "cookie" else ", "
            value = f"{headers[name]}{separator}{value}"
        headers[name] = value
    return headers
