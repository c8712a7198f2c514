"""One client's end of a subscription: a bounded queue, taken from at the client's own pace."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from router.config.subscriptions import SlowPolicy
from router.pipeline.subscriptions.delivery import Delivery, Ending, EndReason, Heartbeat, Ids
from router.pipeline.subscriptions.viewer import Viewer
from router.realtime import encode_position
from router.response.result import ResponseError


class Upstream(Protocol):
    """What a subscriber needs of its group."""

    @property
    def has_positions(self) -> bool:
        """Whether its events can be read again from a position."""
        ...

    def settled(self) -> Ids | None:
        """Returns how far everything has been delivered; None while something is under way."""
        ...

    async def catch_up(self, subscriber: Subscriber) -> None:
        """Brings a subscriber that is behind a step further, into the live stream in the end."""
        ...

    def leave(self, subscriber: Subscriber) -> None:
        """Forgets a subscriber."""
        ...


class Subscriber:
    """Takes deliveries from its group and hands them to one client, whose transport calls `next`.

    `after` is how far the client has been served, once the queue is empty. While `is_behind`, deliveries of
    the group pass it by and it reads from the topic instead, so that a slow client loses nothing and costs
    no memory.
    """

    __slots__ = (
        "_beat",
        "_dropped",
        "_ending",
        "_group",
        "_queue",
        "_queue_max",
        "_served",
        "_waiter",
        "_when_slow",
        "after",
        "expiry",
        "is_behind",
        "network",
        "on_close",
        "viewer",
    )

    def __init__(self, viewer: Viewer, queue_max: int, when_slow: SlowPolicy, network: str = "") -> None:
        self.viewer = viewer
        self.network = network
        self.after: Ids = ()
        self.is_behind = False
        self.expiry: asyncio.TimerHandle | None = None
        self.on_close: Callable[[Subscriber], None] | None = None
        self._group: Upstream | None = None
        self._queue: deque[Delivery] = deque()
        self._queue_max = queue_max
        self._when_slow: SlowPolicy = when_slow
        self._served: Ids = ()
        self._dropped = 0
        self._beat = False
        self._ending: Ending | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_ended(self) -> bool:
        """Whether nothing but what is queued follows."""
        return self._ending is not None

    @property
    def position(self) -> str | None:
        """How far the client has been served; None where nothing can be resumed."""
        return encode_position(self._served) if self._served else None

    def place(self, group: Upstream, after: Ids, *, is_behind: bool) -> None:
        """Puts the subscriber into a group, to be served what comes after."""
        self._group = group
        self.after = after
        self._served = after if not self._queue else self._served
        self.is_behind = is_behind
        self._wake()

    async def next(self) -> Delivery | Heartbeat | Ending:
        """Waits for what comes next; after an Ending there is nothing more."""
        while True:
            if self._queue:
                return self._queue.popleft()
            if self._ending is not None:
                return self._ending
            if self.is_behind:
                assert self._group is not None, "who is behind is behind a group"
                await self._group.catch_up(self)
                continue
            if self._beat:
                self._beat = False
                return self._heartbeat()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def render(self, delivery: Delivery) -> bytes:
        """Returns the response for this client, which is served up to there with it."""
        if not self._served:
            dropped, self._dropped = self._dropped, 0
            return delivery.body(None, dropped)
        served = self._served
        self._served = (*served[: delivery.topic], delivery.id, *served[delivery.topic + 1 :])
        dropped, self._dropped = self._dropped, 0
        return delivery.body(encode_position(self._served), dropped)

    def offer(self, delivery: Delivery) -> None:
        """Queues a live delivery, unless the client has it already or is behind."""
        if self._ending is not None or self.is_behind:
            return
        if self.after and delivery.id <= self.after[delivery.topic]:
            return
        if len(self._queue) >= self._queue_max:
            self._overflow()
            if self._ending is not None or self.is_behind:
                return
        self.queue(delivery)

    def queue(self, delivery: Delivery) -> None:
        """Queues a delivery that comes next for sure."""
        if self.after:
            self.after = (*self.after[: delivery.topic], delivery.id, *self.after[delivery.topic + 1 :])
        self._queue.append(delivery)
        self._wake()

    @property
    def room(self) -> int:
        """How many more deliveries fit into the queue."""
        return self._queue_max - len(self._queue)

    def fall_behind(self) -> None:
        """Makes the client read from the topic what it has not been given."""
        self.is_behind = True
        self._wake()

    def beat(self) -> None:
        """Makes `next` return a heartbeat, if there is nothing better."""
        if self._waiter is not None:
            self._beat = True
            self._wake()

    def end(self, reason: EndReason, error: ResponseError | None = None, *, at_once: bool = False) -> None:
        """Ends the subscription after what is queued, or at once."""
        if self._ending is None:
            self._ending = Ending(reason, error)
            if at_once:
                self._queue.clear()
            self._wake()

    def close(self) -> None:
        """Leaves the group; the client is gone or has had its Ending."""
        if self._ending is None:
            self._ending = Ending(EndReason.COMPLETE)
        if self.expiry is not None:
            self.expiry.cancel()
        group, self._group = self._group, None
        if group is not None:
            group.leave(self)
        on_close, self.on_close = self.on_close, None
        if on_close is not None:
            on_close(self)
        self._wake()

    def _heartbeat(self) -> Heartbeat:
        settled = self._group.settled() if self._group is not None else None
        if settled is not None and self._served:
            # Events that were not meant for this client count as served.
            self._served = self.after = tuple(map(max, self.after, settled))
        return Heartbeat(self.position)

    def _overflow(self) -> None:
        has_positions = self._group is not None and self._group.has_positions
        if self._when_slow == "drop_oldest":
            self._queue.popleft()
            self._dropped += 1
        elif self._when_slow == "catch_up" and has_positions:
            self.is_behind = True
        else:
            message = f"More than {self._queue_max} events were waiting for this client"
            self.end(EndReason.FAILED, ResponseError(message, "SLOW_CONSUMER"))

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
