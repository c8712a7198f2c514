"""What a feed needs of an event bus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from router.realtime.event import EventId, FeedEvent


class FeedUnavailableError(Exception):
    """The bus cannot be read at the moment; nothing is lost by asking again later."""


class RetentionExceededError(Exception):
    """Events after the position may be gone already."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"events of {topic} after the position are no longer kept")
        self.topic = topic


class FeedSource(Protocol):
    """Topics that can be read from any position within their retention.

    Ids grow along a topic and are never used again. Every method may raise FeedUnavailableError.
    """

    async def newest(self, topics: Iterable[str]) -> Mapping[str, EventId]:
        """Returns the id of the last event of each topic; BEGINNING for a topic that never had one."""
        ...

    async def read_after(self, topic: str, after: EventId, count_max: int) -> Sequence[FeedEvent]:
        """Returns the events that follow, at most so many; raises RetentionExceededError."""
        ...

    async def next_events(self, after: Mapping[str, EventId], wait_s: float) -> Sequence[FeedEvent]:
        """Returns what follows in any of the topics, waiting for it; nothing when none came in time.

        Raises RetentionExceededError. Cancelling it loses nothing.
        """
        ...

    async def close(self) -> None:
        """Releases connections."""
        ...
