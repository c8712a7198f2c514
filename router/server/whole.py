"""Sends a response that is there whole in one piece, where the server can.

ASGI has a message for the head and one for the body. uvicorn writes each by itself, so a small answer costs
two system calls and two packets, and it looks at every header by a regular expression. Our connections offer,
as an extension of the scope, to take both at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus

from router.server.asgi import Scope

EXTENSION = "zellige.whole_response"
SendWhole = Callable[[Scope, bytes, bytes], bool]
"""Takes the scope, the head but for the server's own headers, and the body; False when it did nothing."""

_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}


def send_whole(scope: Scope, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
    """Sends a response with its body, unless that takes more than one piece; returns whether it was sent.

    `headers` have a content-length, and none of them ends the connection.
    """
    offers = scope.get("extensions")
    send: SendWhole | None = offers.get(EXTENSION) if offers else None
    if send is None or status not in _STATUS_LINES:
        return False
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    if lines.count(b"\n") != len(headers) or lines.count(b"\r") != len(headers):
        return False  # a value with a line of its own in it: the server refuses it
    return send(scope, _STATUS_LINES[status] + lines, body)
