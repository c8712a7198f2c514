"""Those who asked the same and may see the same: each event is answered once, in order, for all of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from router.executor.transport.client import SubgraphResponse
from router.pipeline.subscriptions.delivery import Delivery, EndReason, encode_delivery
from router.pipeline.subscriptions.execution import EventExecution
from router.pipeline.subscriptions.subscriber import Subscriber
from router.realtime import EventId
from router.response.result import ResponseError


@dataclass(frozen=True, slots=True)
class RootEvent:
    """One event at the root: what the upstream said, and where it stands in its topic, if it has one."""

    make_response: Callable[[], SubgraphResponse]
    topic: int = 0
    id: EventId = (0, 0)


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """How many events are answered side by side, and how many may wait for that."""

    resolving_max: int
    pending_max: int
    replay_events_max: int
    replay_bytes_max: int


class Group:
    """The subscribers of one upstream. An idle group holds no task."""

    has_positions = False

    def __init__(self, execution: EventExecution, limits: GroupLimits, on_empty: Callable[[], None]) -> None:
        self.execution = execution
        self.limits = limits
        self.subscribers: set[Subscriber] = set()
        self._on_empty = on_empty
        self._pending: deque[RootEvent] = deque()
        self._resolving: deque[asyncio.Task[Delivery]] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def is_settled(self) -> bool:
        """Whether every event so far has been delivered."""
        return self._pump is None

    @property
    def is_closed(self) -> bool:
        """Whether nobody can join any more."""
        return self._is_closed

    def push(self, event: RootEvent) -> None:
        """Takes an event to be answered and delivered after those before it."""
        self._pending.append(event)
        if self._pump is None:
            self._pump = asyncio.create_task(self._deliver_all())

    def leave(self, subscriber: Subscriber) -> None:
        """Forgets a subscriber; without any, the group closes."""
        self.subscribers.discard(subscriber)
        if not self.subscribers and not self._is_closed:
            self.close()

    def end(self, reason: EndReason, error: ResponseError | None = None) -> None:
        """Ends the subscription for everyone, after what is queued."""
        for subscriber in [*self.subscribers]:
            subscriber.end(reason, error)

    def close(self) -> None:
        """Lets go of the upstream; nobody is served any more."""
        self._is_closed = True
        self._pending.clear()
        if self._pump is not None:
            self._pump.cancel()
        self._on_empty()

    async def resolve(self, event: RootEvent) -> Delivery:
        """Returns the delivery of one event."""
        root = event.make_response()
        result = await self.execution.resolve(root)
        return encode_delivery(result, event.topic, event.id, root.extensions)

    def deliver(self, delivery: Delivery) -> None:
        """Hands a delivery to every subscriber."""
        self.execution.counts.deliveries += len(self.subscribers)
        for subscriber in self.subscribers:
            subscriber.offer(delivery)

    def on_room(self) -> None:
        """Is called whenever fewer events wait than may."""

    async def _deliver_all(self) -> None:
        try:
            while self._pending or self._resolving:
                while self._pending and len(self._resolving) < self.limits.resolving_max:
                    self._resolving.append(asyncio.create_task(self.resolve(self._pending.popleft())))
                self.on_room()
                delivery = await self._resolving[0]
                self._resolving.popleft()
                self.deliver(delivery)
        finally:
            self._pump = None
            for task in self._resolving:
                task.cancel()
            self._resolving.clear()
