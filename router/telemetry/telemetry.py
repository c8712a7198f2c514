"""A request's record from its beginning to its end, handed to whoever is switched on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, MutableMapping
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Protocol

from router.telemetry.access_log import log_access
from router.telemetry.catalogue import Reading
from router.telemetry.loop_lag import watch_loop_lag
from router.telemetry.metrics import Metrics
from router.telemetry.record import RequestRecord
from router.telemetry.sampling import TraceSampler

TRACE_HEADER = "x-zellige-trace"
"""Asks for the plan and the timings of a request in its answer."""
PLAN_HEADER = "x-zellige-plan"
"""With the value below, asks for the plan in place of the answer."""
PLAN_ONLY = "only"
ENDED_MAX = 64
ENDED_S_MAX = 0.02


class SpanExport(Protocol):
    """Takes the records of sampled requests."""

    def export(self, record: RequestRecord) -> None:
        """Takes one record, without waiting."""
        ...

    def readings(self) -> Iterable[Reading]:
        """Returns how many spans were dropped."""
        ...

    def start(self) -> None:
        """Begins to send what is taken; called in the event loop."""
        ...

    async def close(self) -> None:
        """Sends what is left, within a bound."""
        ...


class Telemetry:
    """What the router tells of its requests. `is_inspectable`: clients may ask for plans and timings."""

    def __init__(
        self,
        *,
        metrics: Metrics | None = None,
        sampler: TraceSampler | None = None,
        spans: SpanExport | None = None,
        access_log: bool = True,
        is_inspectable: bool = False,
    ) -> None:
        self.metrics = metrics
        self.is_inspectable = is_inspectable
        self._sampler = sampler
        self._spans = spans
        self._access_log = access_log
        if metrics is not None and spans is not None:
            metrics.watch(spans)
        if metrics is not None:
            metrics.before_reading = self._read_ended
        self._ended: list[RequestRecord] = []
        self._timer: asyncio.TimerHandle | None = None
        self._is_reading = access_log or metrics is not None

    def begin(
        self, method: str, path: str, request_id: str, headers: MutableMapping[str, str]
    ) -> RequestRecord:
        """Returns the record of a request; with tracing on, `headers` then carry its own trace context."""
        record = RequestRecord(method, path, request_id)
        record.is_read = self._is_reading
        if self.is_inspectable:
            if TRACE_HEADER in headers:
                record.is_inspected = record.is_read = True
            record.is_plan_only = headers.get(PLAN_HEADER) == PLAN_ONLY
        if self._sampler is not None:
            trace = record.trace = self._sampler.begin(headers)
            record.is_read = record.is_read or trace.is_sampled
        if self.metrics is not None:
            self.metrics.in_flight += 1
        return record

    def end(self, record: RequestRecord) -> None:
        """Takes a request whose last byte was handed to the server: it will be counted, exported and logged.

        That is done for some requests at a time, because it costs half as much as one by one between other
        work; none waits longer than ENDED_S_MAX, or for longer than until metrics are read.
        """
        record.duration_s = perf_counter() - record.started_at
        for operation in record.operations:
            operation.duration_s = operation.duration_s or record.duration_s
        if self.metrics is not None:
            self.metrics.in_flight -= 1
        if not record.is_read:
            return
        self._ended.append(record)
        if len(self._ended) >= ENDED_MAX:
            self._read_ended()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(ENDED_S_MAX, self._read_ended)

    def _read_ended(self) -> None:
        """Counts, exports and logs what has ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        ended, self._ended = self._ended, []
        if self.metrics is not None:
            for record in ended:
                self.metrics.count(record)
        if self._spans is not None:
            for record in ended:
                if record.trace is not None and record.trace.is_sampled:
                    self._spans.export(record)
        if self._access_log and ended:
            log_access(ended)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Does the background work while the block runs; leaving it drains what waits to be exported."""
        lag = None
        if self.metrics is not None:
            lag = asyncio.create_task(watch_loop_lag(self.metrics.loop_lag.add))
        if self._spans is not None:
            self._spans.start()
        try:
            yield
        finally:
            self._read_ended()
            if lag is not None:
                lag.cancel()
                await asyncio.wait([lag])
            if self._spans is not None:
                await self._spans.close()
