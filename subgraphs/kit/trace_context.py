"""The W3C trace context of what is going on: read from a request, carried by events into their consumers.

Only passed on, never interpreted: whoever records spans reads it where it arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
TRACESTATE_LENGTH_MAX = 512


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The two headers of https://www.w3.org/TR/trace-context/; a state without a parent means nothing."""

    traceparent: str | None = None
    tracestate: str | None = None


NO_TRACE = TraceContext()
_current: ContextVar[TraceContext] = ContextVar("trace_context", default=NO_TRACE)


def read_trace(headers: Mapping[str, str]) -> TraceContext:
    """Returns the trace of a request or an event; a malformed one is none, as the standard asks."""
    traceparent = headers.get("traceparent") or ""
    if not _TRACEPARENT.fullmatch(traceparent):
        return NO_TRACE
    tracestate = headers.get("tracestate") or None
    if tracestate is not None and len(tracestate) > TRACESTATE_LENGTH_MAX:
        tracestate = None
    return TraceContext(traceparent, tracestate)


def current_trace() -> TraceContext:
    """Returns the trace the running code belongs to."""
    return _current.get()


@contextmanager
def tracing(trace: TraceContext) -> Iterator[None]:
    """Makes the block, and what it records, part of the trace."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)
