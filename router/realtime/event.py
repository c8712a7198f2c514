"""An event as it stands in a topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EventId = tuple[int, int]
"""Where an event stands in its topic; later events have greater ids."""

BEGINNING: EventId = (0, 0)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event of a topic: its place there and its CloudEvents envelope, `data` included."""

    topic: str
    id: EventId
    envelope: Mapping[str, Any]


def look_up(envelope: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Returns the value at `path`, None where there is none."""
    found: Any = envelope
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
