"""From the record of a request to its spans: the request, its operations, what preparing took, each fetch.

Attributes follow OpenTelemetry's conventions for HTTP and GraphQL; ours begin with `zellige.`. No variables,
no documents, no headers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from router.telemetry.record import FetchRecord, OperationRecord, PhaseRecord, RequestRecord
from router.telemetry.trace_context import TraceContext, new_span_id

_SCOPE = InstrumentationScope(name="zellige.router")
_ERROR_CODES_MAX = 10
_SAMPLED = 1
# Texts of attributes repeat from request to request: names of subgraphs and operations, hashes, codes.
_TEXTS_KEPT = 4_096


def encode_export(records: list[RequestRecord], resource: Mapping[str, str]) -> bytes:
    """Returns an ExportTraceServiceRequest with the spans of sampled requests."""
    own = Resource(attributes=[_text(key, value) for key, value in resource.items()])
    spans = [span for record in records for span in spans_of(record)]
    of_scope = ScopeSpans(scope=_SCOPE, spans=spans)
    request = ExportTraceServiceRequest(resource_spans=[ResourceSpans(resource=own, scope_spans=[of_scope])])
    return request.SerializeToString()


def spans_of(record: RequestRecord) -> Iterator[Span]:
    """Yields the request's own span, then those below it."""
    trace = record.trace
    assert trace is not None, "only sampled requests are exported"
    draft = _Draft(trace, record)
    yield draft.request_span()
    is_batch = len(record.operations) > 1
    for operation in record.operations:
        parent_id = new_span_id() if is_batch else trace.span_id
        if is_batch:
            yield draft.operation_span(operation, parent_id)
        for phase in operation.phases:
            yield draft.phase_span(phase, parent_id)
        for fetch in operation.fetches:
            yield draft.fetch_span(fetch, parent_id)


class _Draft:
    """One request's spans in the making."""

    def __init__(self, trace: TraceContext, record: RequestRecord) -> None:
        self._trace = trace
        self._record = record
        self._trace_id = trace.trace_id.to_bytes(16, "big")
        self._state = (trace.parent.state or "") if trace.parent is not None else ""

    def request_span(self) -> Span:
        record, trace = self._record, self._trace
        attributes = [
            _text("http.request.method", record.method),
            _text("url.path", record.path),
            _text("http.route", record.path),
            _number("http.response.status_code", record.status),
            _value("zellige.request.id", record.request_id),
        ]
        if len(record.operations) == 1:
            attributes += _attributes_of(record.operations[0])
        if record.error_code is not None:
            attributes.append(_text("error.type", record.error_code))
        span = Span(
            trace_id=self._trace_id,
            span_id=_id(trace.span_id),
            trace_state=self._state,
            flags=_SAMPLED,
            name=f"{record.method} {record.path}",
            kind=Span.SPAN_KIND_SERVER,
            start_time_unix_nano=record.started_ns,
            end_time_unix_nano=record.started_ns + int(record.duration_s * 1e9),
            attributes=attributes,
        )
        if trace.parent is not None:
            span.parent_span_id = _id(trace.parent.span_id)
        if trace.link is not None:
            span.links.add(trace_id=trace.link.trace_id.to_bytes(16, "big"), span_id=_id(trace.link.span_id))
        codes = [error.code for one in record.operations if one.kind for error in one.errors]
        if record.status >= 500 or codes:
            message = codes[0] if codes else record.error_code or str(record.status)
            span.status.CopyFrom(_failed(message))
        return span

    def operation_span(self, operation: OperationRecord, span_id: int) -> Span:
        started = self._record.started_at
        times = (started, started + operation.duration_s)
        span = self._child(f"graphql {operation.kind}".strip(), span_id, self._trace.span_id, times)
        span.attributes.extend(_attributes_of(operation))
        if operation.errors:
            span.status.CopyFrom(_failed(operation.errors[0].code))
        return span

    def phase_span(self, phase: PhaseRecord, parent_id: int) -> Span:
        times = (phase.started_at, phase.ended_at)
        return self._child(f"graphql.{phase.name}", new_span_id(), parent_id, times)

    def fetch_span(self, fetch: FetchRecord, parent_id: int) -> Span:
        # A fetch without an end was left behind by an answer in parts: it ended with the request.
        times = (fetch.started_at, fetch.ended_at or self._record.started_at + self._record.duration_s)
        span = self._child(f"fetch {fetch.service}", fetch.span_id or new_span_id(), parent_id, times)
        span.kind = Span.SPAN_KIND_CLIENT
        attributes = [
            _text("zellige.subgraph.name", fetch.service),
            _number("zellige.fetch.id", fetch.fetch_id),
            _number("zellige.fetch.entities", fetch.entities),
            _value("http.response.body.size", fetch.bytes_received),
        ]
        if fetch.operation_name is not None:
            attributes.append(_text("graphql.operation.name", fetch.operation_name))
        if fetch.http_status:
            attributes.append(_number("http.response.status_code", fetch.http_status))
        if fetch.cache is not None:
            attributes.append(_text("zellige.cache.result", fetch.cache))
        if fetch.error is not None:
            attributes.append(_text("error.type", fetch.error))
            span.status.CopyFrom(_failed(fetch.error))
        span.attributes.extend(attributes)
        return span

    def _child(self, name: str, span_id: int, parent_id: int, times: tuple[float, float]) -> Span:
        return Span(
            trace_id=self._trace_id,
            span_id=_id(span_id),
            parent_span_id=_id(parent_id),
            trace_state=self._state,
            flags=_SAMPLED,
            name=name,
            kind=Span.SPAN_KIND_INTERNAL,
            start_time_unix_nano=self._record.wall_ns(times[0]),
            end_time_unix_nano=self._record.wall_ns(times[1]),
        )


def _attributes_of(operation: OperationRecord) -> list[KeyValue]:
    found = [_number("zellige.fetches", len(operation.fetches))]
    if operation.kind:
        found.append(_text("graphql.operation.type", operation.kind))
    if operation.name is not None:
        found.append(_value("graphql.operation.name", operation.name))
    if operation.document_hash is not None:
        found.append(_text("zellige.operation.hash", operation.document_hash))
    if operation.cost is not None:
        found.append(_value("zellige.operation.cost", operation.cost))
    if operation.cache is not None:
        found.append(_text("zellige.cache.result", operation.cache))
    if operation.errors:
        codes = list(dict.fromkeys(error.code for error in operation.errors))
        found.append(_value("error.type", codes[0]))
        found.append(_value("zellige.error.codes", codes[:_ERROR_CODES_MAX]))
    return found


def _value(key: str, value: str | float | list[str]) -> KeyValue:
    return KeyValue(key=key, value=_any(value))


@lru_cache(_TEXTS_KEPT)
def _text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


@lru_cache(_TEXTS_KEPT)
def _number(key: str, value: int) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(int_value=value))


def _any(value: Any) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    return AnyValue(array_value=ArrayValue(values=[_any(one) for one in value]))


@lru_cache(_TEXTS_KEPT)
def _failed(message: str) -> Status:
    return Status(code=Status.STATUS_CODE_ERROR, message=message)


def _id(span_id: int) -> bytes:
    return span_id.to_bytes(8, "big")
