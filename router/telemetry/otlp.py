"""Traces for OpenTelemetry: records of sampled requests come in, spans go to a collector by OTLP over HTTP.

Spans are made from a record after its request has ended, straight as protobuf messages: a span object of the
SDK for each step while the request runs, encoded afterwards, takes five times as long. Making them and the
export happen in a thread. What waits is bounded; what a slow collector makes overflow is dropped, the oldest
first, and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Iterator

import structlog

from router.config import TracingConfig
from router.telemetry import catalogue
from router.telemetry.catalogue import Reading
from router.telemetry.otlp_http import OtlpHttp
from router.telemetry.record import RequestRecord
from router.telemetry.spans import encode_export

_log = structlog.stdlib.get_logger("router.tracing")


class OtlpSpans:
    """The export of one process; made before the event loop, run in it."""

    def __init__(self, config: TracingConfig) -> None:
        self._config = config
        self._collector = OtlpHttp(config.endpoint, config.headers, config.export_timeout_ms / 1000)
        self._resource = {
            "service.name": config.service_name,
            "service.instance.id": f"{socket.gethostname()}-{os.getpid()}",
            "host.name": socket.gethostname(),
            **config.resource_attributes,
        }
        self._waiting: deque[RequestRecord] = deque()
        self._spans_waiting = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False
        self._dropped = 0
        self._is_failing = False

    def export(self, record: RequestRecord) -> None:
        """Takes one record; makes room for it by dropping the oldest."""
        self._waiting.append(record)
        self._spans_waiting += _span_count(record)
        while self._spans_waiting > self._config.queue_spans_max and len(self._waiting) > 1:
            dropped = _span_count(self._waiting.popleft())
            self._spans_waiting -= dropped
            self._dropped += dropped
        if self._spans_waiting >= self._config.batch_spans_max:
            self._wake.set()

    def readings(self) -> Iterator[Reading]:
        """Yields how many spans were dropped."""
        yield Reading(catalogue.SPANS_DROPPED, self._dropped)

    def start(self) -> None:
        """Begins to export; called in the event loop."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Exports what is left, for as long as one export may take."""
        self._is_closing = True
        self._wake.set()
        if self._task is not None:
            try:
                async with asyncio.timeout(self._config.export_timeout_ms / 1000):
                    await self._task
            except TimeoutError:
                self._collector.give_up()
                self._dropped += self._spans_waiting
                _log.warning("traces were dropped at the end", spans=self._spans_waiting)
                return
        self._collector.close()

    async def _run(self) -> None:
        while not self._is_closing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._config.export_interval_ms / 1000):
                    await self._wake.wait()
            self._wake.clear()
            await self._export_waiting()
        await self._export_waiting()

    async def _export_waiting(self) -> None:
        while self._waiting:
            batch, spans = self._take_batch()
            problem = await asyncio.to_thread(self._send, batch)
            if problem is not None:
                self._dropped += spans
            self._tell(problem)

    def _take_batch(self) -> tuple[list[RequestRecord], int]:
        batch: list[RequestRecord] = []
        spans = 0
        while self._waiting and spans < self._config.batch_spans_max:
            record = self._waiting.popleft()
            spans += _span_count(record)
            batch.append(record)
        self._spans_waiting -= spans
        return batch, spans

    def _send(self, batch: list[RequestRecord]) -> str | None:
        """Makes the spans and sends them; runs in a thread."""
        return self._collector.post(encode_export(batch, self._resource))

    def _tell(self, problem: str | None) -> None:
        """Logs when exports begin to fail and when they succeed again, not each of them."""
        if (problem is not None) is self._is_failing:
            return
        self._is_failing = problem is not None
        if problem is None:
            _log.info("traces are exported again", endpoint=self._config.endpoint)
        else:
            _log.warning("traces cannot be exported", endpoint=self._config.endpoint, problem=problem)


def _span_count(record: RequestRecord) -> int:
    own = 1 + (len(record.operations) if len(record.operations) > 1 else 0)
    return own + sum(len(one.phases) + len(one.fetches) for one in record.operations)
