"""Answers one event: the rest of the plan is fetched, and the whole is shaped as the client asked."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from router.executor import FetchContext
from router.executor.run.subscription import execute_event
from router.executor.transport.client import RequestScope, SubgraphClient, SubgraphResponse
from router.pipeline.subscription import PreparedSubscription
from router.pipeline.subscriptions.viewer import Viewer
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult, ResponseError

_log = structlog.stdlib.get_logger("router.subscriptions")


@dataclass(slots=True)
class Counts:
    """What all subscriptions of a process have done."""

    events: int = 0
    deliveries: int = 0


class EventExecution:
    """How the events of one group are answered; both parts may be replaced while it lives."""

    __slots__ = ("clients", "counts", "subscription", "timeout_s", "viewer")

    def __init__(
        self,
        subscription: PreparedSubscription,
        clients: Mapping[str, SubgraphClient],
        viewer: Viewer,
        timeout_s: float,
        counts: Counts,
    ) -> None:
        self.subscription = subscription
        self.clients = clients
        self.viewer = viewer
        self.timeout_s = timeout_s
        self.counts = counts

    async def resolve(self, root: SubgraphResponse) -> GraphQLResult:
        """Returns the response to one event; a fault is a result too, so that later events still come."""
        self.counts.events += 1
        request_id = secrets.token_hex(8)
        subscription = self.subscription
        deadline = asyncio.timeout(self.timeout_s)
        deadline_at = asyncio.get_running_loop().time() + self.timeout_s
        scope = RequestScope(request_id, deadline_at, caller=self.viewer.caller)
        headers = {**self.viewer.headers, "x-request-id": request_id}
        context = FetchContext(
            self.clients, subscription.request.variables, headers, scope, mask=subscription.mask
        )
        try:
            async with deadline:
                executed = await execute_event(subscription.prepared.plan, root, context)
                data, found = subscription.prepared.projection.project(executed.data, executed.errors)
        except Exception as fault:  # noqa: BLE001 - the pipeline's edge: every fault leaves here coded
            return GraphQLResult(None, [self._explain(fault, request_id, is_late=deadline.expired())])
        return GraphQLResult(data, (*executed.errors, *found))

    def _explain(self, fault: Exception, request_id: str, *, is_late: bool) -> ResponseError:
        extensions = {"requestId": request_id}
        if is_late and isinstance(fault, TimeoutError):
            message = f"The event took longer than {round(self.timeout_s * 1000)} ms"
            return ResponseError(message, ErrorCode.REQUEST_TIMEOUT.name, extensions=extensions)
        _log.error("event failed", request_id=request_id, exc_info=fault)
        code = ErrorCode.INTERNAL_SERVER_ERROR.name
        return ResponseError("Internal server error", code, extensions=extensions)
