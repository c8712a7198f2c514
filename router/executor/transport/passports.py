"""Shows each subgraph who asks: the router's own word, signed for it, instead of the client's credentials."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from msgspec import structs

from router.authentication import ANONYMOUS
from router.executor.transport.client import (
    Begun,
    Receiver,
    SubgraphClient,
    SubgraphRequest,
    SubgraphResponse,
)
from router.executor.transport.stream import StreamingClient

if TYPE_CHECKING:  # loaded where the settings ask for it: see router.authentication
    from router.authentication.passports import Passports


class ShownHeaders:
    """What one subgraph is shown of a request's headers.

    One that is sent passports has no use for `credentials`, which could be used again elsewhere; another
    is not shown what a client may have put in a passport's place.
    """

    def __init__(self, subgraph: str, passports: Passports, credentials: Iterable[str]) -> None:
        self._subgraph = subgraph
        self._passports = passports if passports.serves(subgraph) else None
        self._hidden = {passports.header, *(credentials if self._passports is not None else ())}

    def of(self, request: SubgraphRequest) -> SubgraphRequest:
        """Returns the request as the subgraph may see it."""
        headers = {name: value for name, value in request.headers.items() if name not in self._hidden}
        if self._passports is not None:
            caller = request.scope.caller or ANONYMOUS
            headers[self._passports.header] = self._passports.passport(caller, self._subgraph)
        return structs.replace(request, headers=headers)


class PassportClient:
    """A SubgraphClient that puts a passport into the headers of each request."""

    def __init__(self, inner: SubgraphClient, shown: ShownHeaders) -> None:
        self._inner = inner
        self._shown = shown

    @property
    def takes_body(self) -> bool:
        """Whether the client below takes requests encoded."""
        return self._inner.takes_body

    def begin(self, request: SubgraphRequest, receiver: Receiver) -> Begun | None:
        """Sends an operation at once, where the client below can."""
        return self._inner.begin(self._shown.of(request), receiver)

    def execute(self, request: SubgraphRequest) -> Coroutine[Any, Any, SubgraphResponse]:
        """Runs one operation."""
        return self._inner.execute(self._shown.of(request))

    async def close(self) -> None:
        """Closes the client below."""
        await self._inner.close()


class PassportStream:
    """A StreamingClient that puts a passport into the headers of each subscription."""

    def __init__(self, inner: StreamingClient, shown: ShownHeaders) -> None:
        self._inner = inner
        self._shown = shown

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Yields the subgraph's responses."""
        events = self._inner.subscribe(self._shown.of(request))
        async with aclosing(events):
            async for response in events:
                yield response

    async def close(self) -> None:
        """Closes the stream below."""
        await self._inner.close()
