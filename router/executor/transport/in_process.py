"""A subgraph in the same process: no socket, no JSON, the same rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from router.errors import SubgraphError
from router.executor.transport.client import AwaitedOnly, RequestScope, SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import read_response
from router.executor.transport.failures import SilenceFault
from router.response.codes import ErrorCode

_log = structlog.stdlib.get_logger("router.transport")

ANSWER_MARGIN_S = 0.02
"""Of the client's time, kept for putting the answer together; over HTTP a setting."""

Handler = Callable[
    [str, Mapping[str, Any] | None, str | None, Mapping[str, str]], Awaitable[Mapping[str, Any]]
]


class InProcessClient(AwaitedOnly):
    """The SubgraphClient of a subgraph that is a coroutine function.

    `handler` takes query, variables, operation name and headers, and returns the response map.
    """

    takes_body = False

    def __init__(self, name: str, handler: Handler, *, timeout_s: float | None = 20.0) -> None:
        self.name = name
        self._handler = handler
        self._timeout_s = timeout_s

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation; a fault of the subgraph costs its own fetch, as it would over HTTP."""
        headers = request.headers
        if request.traceparent is not None:
            headers = {**headers, "traceparent": request.traceparent}
        deadline = asyncio.timeout_at(self._deadline_at(request.scope))
        try:
            async with deadline:
                body = await self._handler(request.query, request.variables, request.operation_name, headers)
        except Exception as fault:
            # The edge between two programs that share a process: whatever happened there stays there.
            raise self._explain(fault, is_late=deadline.expired()) from fault
        return read_response(self.name, body)

    async def close(self) -> None:
        """Closes nothing: the subgraph belongs to whoever started it."""

    def _deadline_at(self, scope: RequestScope) -> float | None:
        own = None if self._timeout_s is None else asyncio.get_running_loop().time() + self._timeout_s
        if scope.deadline_at is None:
            return own
        clients = scope.deadline_at - ANSWER_MARGIN_S
        return clients if own is None else min(own, clients)

    def _explain(self, fault: Exception, *, is_late: bool) -> SubgraphError:
        if isinstance(fault, SubgraphError):
            return fault
        if is_late and isinstance(fault, TimeoutError):
            return SilenceFault("its coroutine had not ended").explain(self.name)
        _log.error("subgraph failed", subgraph=self.name, exc_info=fault)
        message = f'The subgraph "{self.name}" met a fault of its own'
        return SubgraphError(message, ErrorCode.SUBGRAPH_HTTP_ERROR.name, service=self.name)
