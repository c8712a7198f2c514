"""What one request did, written down by the rooms it passes and read when it has ended.

The edge makes a `RequestRecord`, with an `OperationRecord` for each operation in it; the pipeline and the
clients of subgraphs fill that in. Writing is plain assignment, because every request pays for it; metrics,
the access log, spans and the timings for tools are all made from the same record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter, time_ns

from msgspec import Struct, field

from router.telemetry.trace_context import TraceContext

CANCELLED = "CANCELLED"
"""The error of a fetch that ended because nobody waited for it any more."""


class FetchRecord(Struct):
    """One request to a subgraph. Times are those of `perf_counter`.

    `cache` tells how a cache took part, if one did; `error` is a code, or CANCELLED.
    """

    fetch_id: int
    service: str
    operation_name: str | None
    started_at: float
    ended_at: float = 0.0
    entities: int = 0
    bytes_received: int = 0
    http_status: int = 0
    cache: str | None = None
    error: str | None = CANCELLED
    span_id: int = 0


class PhaseRecord(Struct, frozen=True):
    """One step of preparing an operation that was not in a cache: parse, validate, plan."""

    name: str
    started_at: float
    ended_at: float


class ErrorRecord(Struct, frozen=True):
    """One entry of `errors`: its code, and the subgraph it came from, if any."""

    code: str
    service: str | None = None


class OperationRecord(Struct):
    """One operation. `name` is that of a document that was accepted; `kind` is empty until then.

    `plan` is whatever the pipeline planned, for who asked to see it. `cache` is what the response cache
    answered.
    """

    trace: TraceContext | None = None
    is_inspected: bool = False
    name: str | None = None
    kind: str = ""
    document_hash: str | None = None
    cost: float | None = None
    cache: str | None = None
    plan: object = None
    phases: list[PhaseRecord] = field(default_factory=list)
    fetches: list[FetchRecord] = field(default_factory=list)
    errors: Sequence[ErrorRecord] = ()
    duration_s: float = 0.0


@contextmanager
def phase(record: OperationRecord | None, name: str) -> Iterator[None]:
    """Notes how long the block took, also when it raises; for work that is done once and then cached."""
    started = perf_counter()
    try:
        yield
    finally:
        if record is not None:
            record.phases.append(PhaseRecord(name, started, perf_counter()))


class RequestRecord(Struct):
    """One HTTP request; `started_ns` is the wall clock at `started_at`.

    Unless `is_read`, nobody will look at its operations, and they need not be filled in. `is_inspected` and
    `is_plan_only` are what a tool asked for. `error_code` is set when the request was refused or failed as a
    whole.
    """

    method: str
    path: str
    request_id: str
    trace: TraceContext | None = None
    is_read: bool = True
    is_inspected: bool = False
    is_plan_only: bool = False
    started_at: float = field(default_factory=perf_counter)
    started_ns: int = field(default_factory=time_ns)
    duration_s: float = 0.0
    status: int = 0
    error_code: str | None = None
    client_address: str = ""
    operations: list[OperationRecord] = field(default_factory=list)

    def begin_operation(self, name: str | None) -> OperationRecord:
        """Returns the record of one more operation of this request, under the name the client gave."""
        operation = OperationRecord(self.trace, self.is_inspected, name)
        self.operations.append(operation)
        return operation

    def wall_ns(self, at: float) -> int:
        """Returns the wall clock at a time of `perf_counter`."""
        return self.started_ns + int((at - self.started_at) * 1e9)
