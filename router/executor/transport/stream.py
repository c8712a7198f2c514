"""The protocol every transport of subscriptions to a subgraph implements."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Protocol

from router.errors import SubgraphError
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.response.codes import ErrorCode


class StreamingClient(Protocol):
    """Opens subscriptions at one subgraph."""

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Yields the subgraph's responses; ends when the subgraph says that it is done.

        Raises SubgraphError when the subscription cannot be opened or breaks off. The generator must be
        closed: that tells the subgraph to stop.
        """
        ...

    async def close(self) -> None:
        """Releases connections; what is still open breaks off."""
        ...


Streams = Mapping[str, StreamingClient]
"""The streaming clients of a router, by the name of the subgraph."""


def stream_error(service: str, what: str, code: ErrorCode = ErrorCode.SUBGRAPH_UNREACHABLE) -> SubgraphError:
    """Returns the error of a subscription that could not be opened or broke off."""
    return SubgraphError(f'The subgraph "{service}" {what}', code.name, service=service)
