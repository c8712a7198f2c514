"""What reading an event bus live has come to, for metrics."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from router.realtime.event import FeedEvent
from router.telemetry import catalogue
from router.telemetry.catalogue import Reading


class ReadingCounts:
    """Counts by topic; topics are those of feeds in the supergraph, so they are few."""

    def __init__(self) -> None:
        self._events: Counter[str] = Counter()
        self._losses: Counter[str] = Counter()
        self._lag_s: dict[str, float] = {}
        self._failures = 0
        self._is_up = True

    def note_events(self, events: Sequence[FeedEvent]) -> None:
        """Counts what one reading gave; of each topic the last event tells the lag."""
        self._is_up = True
        last: dict[str, FeedEvent] = {}
        for event in events:
            if event.envelope:
                self._events[event.topic] += 1
                last[event.topic] = event
        now = time.time()
        for topic, event in last.items():
            at = _seconds_of(event.envelope.get("time"))
            if at is not None:
                self._lag_s[topic] = max(now - at, 0.0)

    def note_failure(self) -> None:
        """Counts a reading that failed."""
        self._is_up = False
        self._failures += 1

    def note_loss(self, topic: str) -> None:
        """Counts that events were gone before they were read."""
        self._losses[topic] += 1

    def readings(self) -> Iterator[Reading]:
        """Yields all of it."""
        yield Reading(catalogue.FEED_UP, int(self._is_up))
        yield Reading(catalogue.FEED_FAILURES, self._failures)
        for topic, count in self._events.items():
            yield Reading(catalogue.FEED_EVENTS, count, (topic,))
        for topic, lag_s in self._lag_s.items():
            yield Reading(catalogue.FEED_LAG, lag_s, (topic,))
        for topic, count in self._losses.items():
            yield Reading(catalogue.FEED_LOSSES, count, (topic,))


def _seconds_of(moment: Any) -> float | None:
    """Returns a CloudEvents time in seconds since 1970; None when it is none, or of no zone."""
    if not isinstance(moment, str):
        return None
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return found.timestamp() if found.tzinfo is not None else None
