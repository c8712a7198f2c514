"""Makes the root of a response of an event."""

from __future__ import annotations

from typing import Any

from router.realtime.event import FeedEvent, look_up
from router.supergraph.feeds import FromEvent, ObjectMapping


def make_root(mapping: ObjectMapping, event: FeedEvent) -> dict[str, Any]:
    """Returns the object that `mapping` makes of the event, with the name of its type."""
    made: dict[str, Any] = {"__typename": mapping.type_name}
    for field in mapping.fields:
        value = field.value
        made[field.name] = (
            look_up(event.envelope, value.path) if isinstance(value, FromEvent) else make_root(value, event)
        )
    return made
