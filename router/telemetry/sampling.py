"""Which requests are traced: those whose parent is, and a share of those without one."""

from __future__ import annotations

from collections.abc import MutableMapping

from router.telemetry.trace_context import TraceContext, new_span_id, new_trace_id, read_parent

_RANDOM_BITS = 64


class TraceSampler:
    """Begins the trace of each request, after the headers it came with.

    The ratio looks at the low bits of the trace id, as OpenTelemetry's own ratio sampler does, so that every
    router of a trace decides alike.
    """

    def __init__(self, ratio: float, *, follow_parent: bool) -> None:
        self._bound = round(ratio * 2**_RANDOM_BITS)
        self._follow_parent = follow_parent

    def begin(self, headers: MutableMapping[str, str]) -> TraceContext:
        """Returns the trace of a request and puts it into `headers`, in place of its client's.

        What is sent on from these headers belongs to the request's own span; `tracestate` goes on only with
        the trace it belongs to.
        """
        parent = read_parent(headers.get("traceparent"), headers.get("tracestate"))
        if parent is not None and self._follow_parent:
            context = TraceContext(parent.trace_id, new_span_id(), parent.is_sampled, parent)
        else:
            trace_id = new_trace_id()
            is_sampled = trace_id & (2**_RANDOM_BITS - 1) < self._bound
            context = TraceContext(trace_id, new_span_id(), is_sampled, link=parent)
        if context.parent is None or context.parent.state is None:
            headers.pop("tracestate", None)
        headers["traceparent"] = context.traceparent()
        return context
