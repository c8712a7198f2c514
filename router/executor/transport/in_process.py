"""A subgraph in the same process: no socket, no JSON, the same rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from router.errors import SubgraphError
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import read_response
from router.response.codes import ErrorCode

_log = structlog.stdlib.get_logger("router.transport")

Handler = Callable[
    [str, Mapping[str, Any] | None, str | None, Mapping[str, str]], Awaitable[Mapping[str, Any]]
]


class InProcessClient:
    """The SubgraphClient of a subgraph that is a coroutine function.

    `handler` takes query, variables, operation name and headers, and returns the response map.
    """

    def __init__(self, name: str, handler: Handler, *, timeout_s: float | None = 20.0) -> None:
        self.name = name
        self._handler = handler
        self._timeout_s = timeout_s

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation; a fault of the subgraph costs its own fetch, as it would over HTTP."""
        deadline = asyncio.timeout(self._timeout_s)
        try:
            async with deadline:
                body = await self._handler(
                    request.query, request.variables, request.operation_name, request.headers
                )
        except Exception as fault:
            # The edge between two programs that share a process: whatever happened there stays there.
            raise self._explain(fault, is_late=deadline.expired()) from fault
        return read_response(self.name, body)

    async def close(self) -> None:
        """Closes nothing: the subgraph belongs to whoever started it."""

    def _explain(self, fault: Exception, *, is_late: bool) -> SubgraphError:
        if isinstance(fault, SubgraphError):
            return fault
        if is_late and isinstance(fault, TimeoutError):
            code, what = ErrorCode.SUBGRAPH_TIMEOUT, "did not answer in time"
        else:
            code, what = ErrorCode.SUBGRAPH_HTTP_ERROR, "met a fault of its own"
            _log.error("subgraph failed", subgraph=self.name, exc_info=fault)
        return SubgraphError(f'The subgraph "{self.name}" {what}', code.name, service=self.name)
