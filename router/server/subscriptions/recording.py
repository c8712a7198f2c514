"""The record of an operation that has a connection to share, or a stream to itself: one access-log line each.

HTTP requests that are answered once are recorded by the ordinary endpoint. What comes over a WebSocket or a
shared event stream is recorded here, under the status it would have had; a subscription's record ends when
the subscription does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from router.executor.transport.client import RequestScope
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.result import GraphQLResult, ResponseError
from router.server.inspection import note_errors
from router.server.subscriptions.edge import SubscriptionEdge
from router.telemetry.record import OperationRecord, RequestRecord

SOCKET = "WEBSOCKET"
"""What stands in place of the method."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How an operation came: over which connection, from where."""

    method: str
    path: str
    headers: Mapping[str, str]
    request_id: str
    client_address: str


@dataclass(frozen=True, slots=True)
class Recording:
    """The record of one operation, and the context to run it in."""

    context: RequestContext
    record: RequestRecord
    operation: OperationRecord | None

    def note(self, errors: Sequence[ResponseError], *, is_refused: bool = False) -> None:
        """Adds what the client is told of went wrong; a refusal also gives the status."""
        if not errors:
            return
        if is_refused:
            self.record.error_code = errors[0].code
            self.record.status = GraphQLResult.refused(errors[0]).status
        elif self.operation is not None:
            note_errors(self.operation, errors)


@contextmanager
def recording(edge: SubscriptionEdge, request: GraphQLRequest, arrival: Arrival) -> Iterator[Recording]:
    """Records an operation from its message to the end of the block."""
    headers = {**arrival.headers, "x-request-id": arrival.request_id}
    record = edge.telemetry.begin(arrival.method, arrival.path, arrival.request_id, headers)
    record.status, record.client_address = 200, arrival.client_address
    operation = record.begin_operation(request.operation_name) if record.is_read else None
    deadline_at = asyncio.get_running_loop().time() + edge.server.request_timeout_ms / 1000
    scope = RequestScope(arrival.request_id, deadline_at, record=operation)
    context = RequestContext(
        headers,
        arrival.request_id,
        arrival.method != "GET",
        scope=scope,
        client_address=arrival.client_address,
    )
    try:
        yield Recording(context, record, operation)
    finally:
        edge.telemetry.end(record)
