"""One HTTP exchange with the endpoint: the request, and what is noted of it on its way."""

from __future__ import annotations

from msgspec import Struct

from router.authentication import Viewer
from router.executor.transport.client import RequestScope
from router.pipeline.request import GraphQLRequest, RequestContext
from router.server.asgi import HttpRequest, Receive
from router.telemetry.record import RequestRecord


class Exchange(Struct):
    """What the steps of one request share; `deadline_at` is a time of the event loop.

    `viewer` is who asks, once the edge has looked; it stays None where nothing is verified here.
    """

    request: HttpRequest
    receive: Receive
    record: RequestRecord
    deadline_at: float
    viewer: Viewer | None = None

    def new_context(self, operation: GraphQLRequest) -> RequestContext:
        """Returns what the pipeline is told about an operation; each has a scope and a record of its own."""
        request, record = self.request, self.record
        noted = record.begin_operation(operation.operation_name) if record.is_read else None
        scope = RequestScope(request.request_id, self.deadline_at, record=noted, caller=self.viewer)
        is_post = request.method == "POST"
        return RequestContext(
            request.headers,
            request.request_id,
            is_post,
            scope=scope,
            plan_only=record.is_plan_only,
            client_address=request.client_address,
        )
