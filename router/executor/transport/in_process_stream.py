"""Subscriptions of a subgraph in the same process: its own async generator, the same rules."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

import structlog

from router.errors import SubgraphError
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import read_response
from router.executor.transport.stream import stream_error
from router.response.codes import ErrorCode

_log = structlog.stdlib.get_logger("router.transport")

StreamHandler = Callable[
    [str, Mapping[str, Any] | None, str | None, Mapping[str, str]], AsyncGenerator[Mapping[str, Any], None]
]


class InProcessStream:
    """The StreamingClient of a subgraph that is an async generator function.

    `handler` takes query, variables, operation name and headers, and yields response maps.
    """

    def __init__(self, name: str, handler: StreamHandler) -> None:
        self.name = name
        self._handler = handler

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Yields the subgraph's responses; a fault of the subgraph ends its own subscription."""
        events = self._handler(request.query, request.variables, request.operation_name, request.headers)
        async with aclosing(events):
            while True:
                try:
                    body = await anext(events, None)
                except SubgraphError:
                    raise
                except Exception as fault:
                    # The edge between two programs that share a process: the log keeps what happened there.
                    _log.error("subscription failed", subgraph=self.name, exc_info=fault)
                    code = ErrorCode.SUBGRAPH_HTTP_ERROR
                    raise stream_error(self.name, "met a fault of its own", code) from fault
                if body is None:
                    return
                yield read_response(self.name, body)

    async def close(self) -> None:
        """Closes nothing: the subgraph belongs to whoever started it."""
