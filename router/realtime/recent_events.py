"""The last events of a topic as they were read, for those who come back after a moment."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from router.realtime.event import EventId, FeedEvent


class RecentEvents:
    """Events with consecutive ids (n, 0), the last `count_max` of those added since the position."""

    def __init__(self, after: EventId, count_max: int) -> None:
        self._floor = after[0]
        self._events: deque[FeedEvent] = deque()
        self._count_max = count_max

    def add(self, events: Sequence[FeedEvent]) -> None:
        """Adds what follows; a gap in the ids begins anew after it."""
        for event in events:
            if event.id[0] != self._floor + len(self._events) + 1:
                self._events.clear()
                self._floor = event.id[0] - 1
            self._events.append(event)
            if len(self._events) > self._count_max:
                self._events.popleft()
                self._floor += 1

    def covers(self, after: EventId) -> bool:
        """Whether all that follows the position, up to the last event added, is here."""
        return self._floor <= after[0] <= self._floor + len(self._events)

    def after(self, after: EventId, count_max: int) -> Sequence[FeedEvent]:
        """Returns the events after a position that is covered, without what is no event."""
        following = islice(self._events, after[0] - self._floor, None)
        return [*islice((event for event in following if event.envelope), count_max)]
