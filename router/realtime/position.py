"""A position in a feed as text: how far each of its topics has been read, in the feed's order of topics."""

from __future__ import annotations

import re
from collections.abc import Sequence

from router.realtime.event import EventId

_POSITION = re.compile(r"\d{1,20}-\d{1,20}(?:~\d{1,20}-\d{1,20})*")


class PositionError(ValueError):
    """The text is no position of this feed."""


def encode_position(ids: Sequence[EventId]) -> str:
    """Returns the position; to clients it is opaque."""
    return "~".join(f"{first}-{second}" for first, second in ids)


def decode_position(text: str, topics: int) -> tuple[EventId, ...]:
    """Returns the ids of a position over so many topics; raises PositionError."""
    if not _POSITION.fullmatch(text):
        raise PositionError("It is not a position that a subscription told")
    ids: list[EventId] = []
    for part in text.split("~"):
        first, _, second = part.partition("-")
        ids.append((int(first), int(second)))
    if len(ids) != topics:
        raise PositionError("It is a position of another subscription")
    return tuple(ids)
