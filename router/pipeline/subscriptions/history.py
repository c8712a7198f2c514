"""One page of what stands in the topics of a feed after a position, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from router.pipeline.subscriptions.delivery import Ids
from router.realtime import FeedEvent, FeedSource


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Events in order, and how far every topic has been read with them."""

    events: Sequence[FeedEvent]
    reached: Ids


async def read_page(
    source: FeedSource, topics: Sequence[str], after: Ids, horizon: Ids, count_max: int
) -> HistoryPage:
    """Returns at most `count_max` events after the position and up to the horizon, which others deliver from.

    Raises RetentionExceededError or FeedUnavailableError.
    """
    found: list[FeedEvent] = []
    reached = list(after)
    for index, topic in enumerate(topics):
        read = await source.read_after(topic, after[index], count_max)
        within = [event for event in read if event.id <= horizon[index]]
        found += within
        is_whole = len(read) < count_max or len(within) < len(read)
        # A topic read to its end is read up to the horizon, also where no event stands there.
        reached[index] = max(after[index], horizon[index]) if is_whole else read[-1].id
    if len(topics) == 1:
        return HistoryPage(found, tuple(reached))
    found.sort(key=lambda event: event.id)
    page = found[:count_max]
    for index, topic in enumerate(topics):
        left = [event.id for event in found[count_max:] if event.topic == topic]
        taken = [event.id for event in page if event.topic == topic]
        if left:
            reached[index] = taken[-1] if taken else after[index]
    return HistoryPage(page, tuple(reached))
