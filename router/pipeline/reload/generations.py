"""The router that serves now, and those that end what they have begun."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextlib import aclosing
from typing import Any, Protocol

import structlog

from router.pipeline.executes import ExecutesInParts
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.incremental import Payload
from router.response.result import GraphQLResult
from router.telemetry.catalogue import Reading

_log = structlog.stdlib.get_logger("router.reload")


class ClosableRouter(ExecutesInParts, Protocol):
    """A router over one supergraph."""

    def most_used(self, count: int) -> list[GraphQLRequest]:
        """Returns the operations that were asked for most often."""
        ...

    async def warm(self, operations: Iterable[GraphQLRequest]) -> int:
        """Prepares operations before they are asked for; returns how many it could."""
        ...

    def readings(self) -> Iterable[Reading]:
        """Returns what it counts."""
        ...

    async def close(self) -> None:
        """Releases what it holds; no call follows."""
        ...


class _Generation:
    """One router and the requests that run on it."""

    __slots__ = ("is_retired", "router", "running")

    def __init__(self, router: ClosableRouter) -> None:
        self.router = router
        self.running = 0
        self.is_retired = False


class ReloadableRouter:
    """Executes on the newest router; `replace` swaps it between two steps of the event loop."""

    def __init__(self, router: ClosableRouter) -> None:
        self._current = _Generation(router)
        self._number = 0
        self._ending: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[ClosableRouter], Awaitable[None]]] = []

    def on_replace(self, listener: Callable[[ClosableRouter], Awaitable[None]]) -> None:
        """Awaits `listener` with each newer router; the older one stays open until it returns."""
        self._listeners.append(listener)

    @property
    def current(self) -> ClosableRouter:
        """The router that new requests run on."""
        return self._current.router

    def generation(self) -> int:
        """Returns how many routers there were before the newest."""
        return self._number

    def readings(self) -> Iterable[Reading]:
        """Returns what the newest router counts, for metrics."""
        return self._current.router.readings()

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        """Returns the outcome of one operation."""
        generation = self._current
        generation.running += 1
        try:
            return await generation.router.execute(request, context)
        finally:
            self._leave(generation)

    async def execute_in_parts(
        self, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult | AsyncGenerator[Payload, None]:
        """Returns the payloads of an operation that defers something, the result of any other."""
        generation = self._current
        generation.running += 1
        is_over = True
        try:
            answer = await generation.router.execute_in_parts(request, context)
            is_over = isinstance(answer, GraphQLResult)
        finally:
            if is_over:
                self._leave(generation)
        return answer if isinstance(answer, GraphQLResult) else self._pass_on(answer, generation)

    async def _pass_on(
        self, payloads: AsyncGenerator[Payload, None], generation: _Generation
    ) -> AsyncGenerator[Payload, None]:
        try:
            async with aclosing(payloads):
                async for payload in payloads:
                    yield payload
        finally:
            self._leave(generation)

    def replace(self, router: ClosableRouter) -> None:
        """Lets new requests run on another router; the old one closes after its last request."""
        retired, self._current = self._current, _Generation(router)
        self._number += 1
        retired.is_retired = True
        if self._listeners:
            retired.running += 1
            self._run(self._tell(router, retired))
        elif retired.running == 0:
            self._close(retired)

    async def _tell(self, router: ClosableRouter, retired: _Generation) -> None:
        """Lets the listeners move over, then the old router go."""
        try:
            for listener in self._listeners:
                await listener(router)
        except Exception:  # noqa: BLE001 - the edge of a task that nobody awaits: the fault must be seen
            _log.exception("what runs could not be carried over")
        finally:
            self._leave(retired)

    async def close(self) -> None:
        """Closes the newest router and waits for the old ones that are closing."""
        if not self._current.is_retired:
            self._current.is_retired = True
            self._close(self._current)
        while self._ending:
            await asyncio.wait(self._ending)

    def _leave(self, generation: _Generation) -> None:
        generation.running -= 1
        if generation.is_retired and generation.running == 0:
            self._close(generation)

    def _close(self, generation: _Generation) -> None:
        self._run(_close_quietly(generation.router))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _close_quietly(router: ClosableRouter) -> None:
    try:
        await router.close()
    except Exception:  # noqa: BLE001 - the edge of a task that nobody awaits: the fault must be seen
        _log.exception("a router did not close")
