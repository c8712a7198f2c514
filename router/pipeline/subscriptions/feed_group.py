"""A group whose events come from topics of the event bus.

Problem: subscribers join at any position, some far behind, and none may miss an event or get one twice.

Steps: what was answered last is kept in a window, whose `floor` is the position it reaches back to. Whoever
is at or after the floor joins in one turn of the event loop: it is given what the window holds after its
position, and then what is delivered live. Whoever is before the floor reads its topics page by page until it
is not. An event is known by its place in its topic, so that whatever comes twice is passed over.

Bound: the window by events and bytes; a page by events; what waits to be answered by `pending_max`, beyond
which everyone falls behind and reads at their own pace.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

from router.executor.transport.client import SubgraphResponse
from router.pipeline.subscriptions.delivery import Delivery, EndReason, Ids
from router.pipeline.subscriptions.execution import EventExecution
from router.pipeline.subscriptions.group import Group, GroupLimits, RootEvent
from router.pipeline.subscriptions.history import HistoryPage, read_page
from router.pipeline.subscriptions.subscriber import Subscriber
from router.realtime import (
    EventFilter,
    EventId,
    FeedEvent,
    FeedUnavailableError,
    RetentionExceededError,
    TopicTail,
    make_root,
)
from router.response.codes import ErrorCode
from router.response.result import ResponseError
from router.supergraph.feeds import EventFeed

WINDOW_EXCEEDED = ResponseError(
    "Events after this position are no longer kept: read the present state and subscribe anew",
    ErrorCode.RESUME_WINDOW_EXCEEDED.name,
)
_RETRIES_MAX = 6
_RETRY_S_MIN = 0.1


class FeedGroup(Group):
    """Listens to the topics of one feed, for one filter."""

    has_positions = True

    def __init__(
        self,
        tail: TopicTail,
        event_filter: EventFilter,
        execution: EventExecution,
        limits: GroupLimits,
        on_empty: Callable[[], None],
    ) -> None:
        super().__init__(execution, limits, on_empty)
        feed = execution.subscription.feed
        assert feed is not None, "the subscription reads a feed"
        self.filter = event_filter
        self.topics = feed.topics
        self._tail = tail
        self._floor: Ids = ()
        self._window: deque[Delivery] = deque()
        self._window_bytes = 0
        self._answers: OrderedDict[tuple[int, EventId], asyncio.Task[Delivery]] = OrderedDict()
        self._opening = asyncio.create_task(self._open())

    async def _open(self) -> None:
        await self._tail.attach(self.topics, self)
        if self._is_closed:
            self._tail.detach(self.topics, self)
            return
        self._floor = self._tail.position_of(self.topics)

    async def ready(self) -> None:
        """Waits until the topics are listened to; raises FeedUnavailableError."""
        await asyncio.shield(self._opening)

    def admit(self, subscriber: Subscriber, after: Ids | None) -> None:
        """Serves the subscriber what comes after its position, or from now on."""
        now = self._tail.position_of(self.topics)
        self.subscribers.add(subscriber)
        if after is None:
            subscriber.place(self, now, is_behind=False)
            return
        # A position beyond ours may be another process's, a little ahead; its topic knows.
        is_known = all(position <= newest for position, newest in zip(after, now, strict=True))
        subscriber.place(self, after, is_behind=True)
        if is_known:
            self._join(subscriber)

    def settled(self) -> Ids | None:
        """Returns how far the topics have been handed out, when all of that was delivered."""
        if not self.is_settled or self._is_closed:
            return None
        return self._tail.position_of(self.topics)

    def close(self) -> None:
        """Stops listening."""
        super().close()
        self._tail.detach(self.topics, self)
        if self.subscribers:
            return  # they may be waiting for these, and must hear of the end rather than be cancelled
        self._opening.cancel()
        for task in self._answers.values():
            task.cancel()

    # --- live

    def take(self, event: FeedEvent) -> None:
        """Takes an event of the topics; answered in order."""
        if len(self._pending) < self.limits.pending_max:
            self.push(self._root_event(event))
            return
        # Too many to hold: the topic holds them. Everyone reads from there what was not delivered yet.
        self._pending.clear()
        self._forget_window(self._tail.position_of(self.topics))
        for subscriber in self.subscribers:
            subscriber.fall_behind()

    def miss(self) -> None:
        """Tells everyone that events may be lost."""
        for subscriber in [*self.subscribers]:
            subscriber.end(EndReason.FAILED, WINDOW_EXCEEDED)

    def deliver(self, delivery: Delivery) -> None:
        """Hands a delivery to every subscriber and keeps it for those who come back."""
        super().deliver(delivery)
        if delivery.id <= self._floor[delivery.topic]:
            return
        self._window.append(delivery)
        self._window_bytes += delivery.size
        limits = self.limits
        while self._window and (
            len(self._window) > limits.replay_events_max or self._window_bytes > limits.replay_bytes_max
        ):
            gone = self._window.popleft()
            self._window_bytes -= gone.size
            self._floor = (*self._floor[: gone.topic], gone.id, *self._floor[gone.topic + 1 :])

    def _forget_window(self, floor: Ids) -> None:
        self._window.clear()
        self._window_bytes = 0
        self._floor = floor

    # --- behind

    async def catch_up(self, subscriber: Subscriber) -> None:
        """Lets the subscriber join, or queues it the next page of what it has not been given."""
        if self._is_closed:
            subscriber.is_behind = False  # it has been told its ending
            return
        now = self._tail.position_of(self.topics)
        is_known = all(position <= newest for position, newest in zip(subscriber.after, now, strict=True))
        if is_known and self._join(subscriber):
            return
        try:
            page = await self._read_page(subscriber)
        except RetentionExceededError:
            subscriber.end(EndReason.FAILED, WINDOW_EXCEEDED)
            subscriber.is_behind = False
            return
        except FeedUnavailableError:
            message = "The events cannot be read at the moment"
            subscriber.end(EndReason.FAILED, ResponseError(message, ErrorCode.FEED_UNAVAILABLE.name))
            subscriber.is_behind = False
            return
        deliveries = await self._answer_page(page.events)
        if self._is_closed:
            return
        for delivery in deliveries:
            subscriber.queue(delivery)
        subscriber.after = tuple(map(max, subscriber.after, page.reached))
        if not is_known:
            # Its topic knows the position, so events up to it will come and be passed over.
            self._join(subscriber)

    def _join(self, subscriber: Subscriber) -> bool:
        """Lets a subscriber at or after the floor into the live stream; nothing waits in here."""
        if any(position < floor for position, floor in zip(subscriber.after, self._floor, strict=True)):
            return False
        for delivery in self._window:
            if delivery.id > subscriber.after[delivery.topic]:
                if subscriber.room <= 0:
                    return True  # it is still behind, and comes back when it has taken these
                subscriber.queue(delivery)
        subscriber.is_behind = False
        return True

    async def _read_page(self, subscriber: Subscriber) -> HistoryPage:
        """Reads on from the subscriber's position; a bus that is away is asked again for a while."""
        retry_s = _RETRY_S_MIN
        for _ in range(_RETRIES_MAX):
            try:
                return await self._read_once(subscriber)
            except FeedUnavailableError:
                await asyncio.sleep(retry_s)
                retry_s *= 2
        return await self._read_once(subscriber)

    async def _read_once(self, subscriber: Subscriber) -> HistoryPage:
        horizon = self._tail.position_of(self.topics)
        return await read_page(
            self._tail.source, self.topics, subscriber.after, horizon, max(subscriber.room, 1)
        )

    async def _answer_page(self, events: Sequence[FeedEvent]) -> list[Delivery]:
        admitted = [event for event in events if self.filter.admits(event)]
        answered: list[Delivery] = []
        for start in range(0, len(admitted), self.limits.resolving_max):
            slice_ = admitted[start : start + self.limits.resolving_max]
            answered += await asyncio.gather(*(self._answer(event) for event in slice_))
        return answered

    async def _answer(self, event: FeedEvent) -> Delivery:
        """Returns the delivery of a past event; those who come back together share one answer."""
        root = self._root_event(event)
        key = (root.topic, root.id)
        task = self._answers.get(key)
        if task is None:
            task = self._answers[key] = asyncio.create_task(self.resolve(root))
            if len(self._answers) > self.limits.replay_events_max:
                self._answers.popitem(last=False)
        return await asyncio.shield(task)

    def _root_event(self, event: FeedEvent) -> RootEvent:
        subscription = self.execution.subscription
        feed = subscription.feed
        assert feed is not None, "the subscription reads a feed"

        def make_response() -> SubgraphResponse:
            return SubgraphResponse({subscription.response_key: make_root(feed.mapping, event)})

        return RootEvent(make_response, self.topics.index(event.topic), event.id)


def is_same_feed(one: EventFeed | None, other: EventFeed | None) -> bool:
    """Whether a group may go on with the other feed: the same events, meant in the same way."""
    return one is not None and other is not None and (one.types, one.where) == (other.types, other.where)
