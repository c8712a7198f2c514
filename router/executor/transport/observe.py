"""Writes down what became of each request to a subgraph: when, how much, from which cache, with which error.

It stands outermost, so that a record shows what the operation waited for, whatever the layers below did.
"""

from __future__ import annotations

from collections.abc import Coroutine
from time import perf_counter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from router.errors import SubgraphError
from router.executor.transport import decode
from router.executor.transport.client import (
    Begun,
    Receiver,
    SubgraphClient,
    SubgraphRequest,
    SubgraphResponse,
)
from router.telemetry.record import FetchRecord, OperationRecord
from router.telemetry.trace_context import new_span_id

UNPLANNED = -1
"""The id of a fetch that is no step of a plan."""


class ObservingClient:
    """A SubgraphClient that adds a FetchRecord to the record of its operation, where there is one."""

    def __init__(self, name: str, inner: SubgraphClient) -> None:
        self._name = name
        self._inner = inner
        self.takes_body = inner.takes_body

    def execute(self, request: SubgraphRequest) -> Coroutine[Any, Any, SubgraphResponse]:
        """Runs one operation; in a sampled trace it carries the context of its own span."""
        record = request.scope.record
        if record is None:
            return self._inner.execute(request)
        return self._execute_observed(request, record)

    def begin(self, request: SubgraphRequest, receiver: Receiver) -> Begun | None:
        """Sends an operation at once, if the client below can."""
        record = request.scope.record
        if record is None:
            return self._inner.begin(request, receiver)
        fetch = self._fetch_record(request)
        begun = self._inner.begin(_traced(request, record, fetch), _Observed(fetch, record, receiver))
        if begun is not None:
            record.fetches.append(fetch)
        return begun

    async def _execute_observed(self, request: SubgraphRequest, record: OperationRecord) -> SubgraphResponse:
        fetch = self._fetch_record(request)
        record.fetches.append(fetch)
        try:
            response = await self._inner.execute(_traced(request, record, fetch))
            fetch.error = None
        except SubgraphError as error:
            fetch.error, fetch.http_status = error.code, error.http_status or 0
            raise
        finally:
            fetch.ended_at = perf_counter()
        _note_response(fetch, response, record)
        return response

    def _fetch_record(self, request: SubgraphRequest) -> FetchRecord:
        step = request.fetch
        return FetchRecord(
            step.id if step is not None else UNPLANNED,
            self._name,
            request.operation_name,
            perf_counter(),
            entities=request.entities,
        )

    async def close(self) -> None:
        """Closes the client below."""
        await self._inner.close()


class _Observed(Struct, eq=False):
    """The receiver of a request that was begun, after its record."""

    fetch: FetchRecord
    record: OperationRecord
    receiver: Receiver

    def arrived(self, response: SubgraphResponse) -> None:
        """Notes the response and hands it on."""
        self.fetch.ended_at = perf_counter()
        self.fetch.error = None
        _note_response(self.fetch, response, self.record)
        self.receiver.arrived(response)

    def failed(self, error: Exception) -> None:
        """Notes the failure and hands it on."""
        self.fetch.ended_at = perf_counter()
        if isinstance(error, SubgraphError):
            self.fetch.error, self.fetch.http_status = error.code, error.http_status or 0
        self.receiver.failed(error)


def _traced(request: SubgraphRequest, record: OperationRecord, fetch: FetchRecord) -> SubgraphRequest:
    """Returns the request, in a sampled trace with the context of its own span."""
    trace = record.trace
    if trace is None or not trace.is_sampled:
        return request
    fetch.span_id = new_span_id()
    return replace(request, traceparent=trace.traceparent(fetch.span_id))


def _note_response(fetch: FetchRecord, response: SubgraphResponse, record: OperationRecord) -> None:
    fetch.http_status = response.http_status
    fetch.cache = response.cache
    fetch.bytes_received = response.size if response.body is None else len(response.body)
    if record.is_inspected:
        fetch.error = _first_code(fetch.service, response)


def _first_code(name: str, response: SubgraphResponse) -> str | None:
    """Returns the code of the first GraphQL error; a body is read for who asked to see what happened."""
    errors = response.errors
    if response.body is not None and b'"errors"' in response.body:
        try:
            errors = decode.decoded(name, response).errors
        except SubgraphError as error:
            return error.code
    for error in errors:
        extensions = error.get("extensions")
        code = extensions.get("code") if isinstance(extensions, dict) else None
        return code if isinstance(code, str) else "DOWNSTREAM_SERVICE_ERROR"
    return None
