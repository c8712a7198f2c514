"""A group whose events come from a subscription at a subgraph."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import structlog

from router.errors import SubgraphError
from router.executor.transport.client import RequestScope, SubgraphRequest
from router.executor.transport.stream import StreamingClient
from router.pipeline.subscriptions.delivery import EndReason, Ids
from router.pipeline.subscriptions.execution import EventExecution
from router.pipeline.subscriptions.group import Group, GroupLimits, RootEvent
from router.pipeline.subscriptions.subscriber import Subscriber
from router.response.result import ResponseError

_log = structlog.stdlib.get_logger("router.subscriptions")


class UpstreamGroup(Group):
    """Reads the subgraph no faster than its events are answered."""

    def __init__(
        self,
        client: StreamingClient,
        execution: EventExecution,
        limits: GroupLimits,
        on_empty: Callable[[], None],
    ) -> None:
        super().__init__(execution, limits, on_empty)
        self.client = client
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._reader = asyncio.create_task(self._read())

    def admit(self, subscriber: Subscriber) -> None:
        """Serves the subscriber from now on."""
        self.subscribers.add(subscriber)
        subscriber.place(self, (), is_behind=False)

    def settled(self) -> Ids | None:
        """A subgraph tells no positions."""
        return None

    async def catch_up(self, subscriber: Subscriber) -> None:
        """A subgraph's events cannot be read again; nobody is ever behind."""
        subscriber.is_behind = False

    def close(self) -> None:
        """Tells the subgraph to stop."""
        super().close()
        self._reader.cancel()

    def on_room(self) -> None:
        """Reads on when few enough events wait."""
        if len(self._pending) < self.limits.pending_max:
            self._has_room.set()

    async def _read(self) -> None:
        error: ResponseError | None = None
        reason = EndReason.FAILED
        try:
            async with aclosing(self.client.subscribe(self._request())) as responses:
                async for response in responses:
                    self.push(RootEvent(lambda response=response: response))
                    if len(self._pending) >= self.limits.pending_max:
                        self._has_room.clear()
                    await self._has_room.wait()
            reason = EndReason.COMPLETE
        except SubgraphError as failure:
            error = ResponseError(failure.message, failure.code, extensions={"serviceName": failure.service})
        except Exception as fault:  # noqa: BLE001 - the edge of a task: its subscribers must not wait for ever
            _log.error("subscription failed", exc_info=fault)
            error = ResponseError("Internal server error", "INTERNAL_SERVER_ERROR")
        # Whoever asks the same from now on opens a subscription of its own.
        self._is_closed = True
        self._on_empty()
        if self._pump is not None:
            await asyncio.wait([self._pump])
        self.end(reason, error)

    def _request(self) -> SubgraphRequest:
        subscription = self.execution.subscription
        root = subscription.root
        given = subscription.request.variables
        variables = {name: given[name] for name in root.variables if name in given}
        viewer = self.execution.viewer
        return SubgraphRequest(
            root.document,
            variables or None,
            root.operation_name,
            viewer.headers,
            fetch=root,
            scope=RequestScope(caller=viewer.caller),
        )
