"""W3C Trace Context: the `traceparent` and `tracestate` headers, read and written.

https://www.w3.org/TR/trace-context/
"""

from __future__ import annotations

import re
from random import getrandbits

from msgspec import Struct

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_TRACESTATE_LENGTH_MAX = 512
_SAMPLED = 1


class RemoteParent(Struct, frozen=True):
    """The span of a client that a request belongs to."""

    trace_id: int
    span_id: int
    is_sampled: bool
    state: str | None = None


class TraceContext(Struct, frozen=True):
    """The trace of one request, and its own span in it; `link` is a parent that is not followed."""

    trace_id: int
    span_id: int
    is_sampled: bool
    parent: RemoteParent | None = None
    link: RemoteParent | None = None

    @property
    def trace_id_hex(self) -> str:
        """The id as headers and logs write it."""
        return f"{self.trace_id:032x}"

    def traceparent(self, span_id: int | None = None) -> str:
        """Returns the header for a request whose parent is `span_id`, else the request's own span."""
        flags = "01" if self.is_sampled else "00"
        return f"00-{self.trace_id:032x}-{span_id or self.span_id:016x}-{flags}"


def new_span_id() -> int:
    """Returns a random id; zero means none and is never returned."""
    return getrandbits(64) or 1


def new_trace_id() -> int:
    """Returns a random id, not zero."""
    return getrandbits(128) or 1


def read_parent(traceparent: str | None, tracestate: str | None) -> RemoteParent | None:
    """Returns the parent the headers name, or None when there is none or it is not well-formed."""
    if traceparent is None:
        return None
    match = _TRACEPARENT.fullmatch(traceparent.strip())
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    # Version 00 has exactly four fields; ff is forbidden; later versions may have more.
    if version == "ff" or (version == "00" and more) or not int(trace_id, 16) or not int(span_id, 16):
        return None
    state = tracestate if tracestate and len(tracestate) <= _TRACESTATE_LENGTH_MAX else None
    return RemoteParent(int(trace_id, 16), int(span_id, 16), bool(int(flags, 16) & _SAMPLED), state)
