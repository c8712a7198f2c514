"""What a supergraph says of one event-driven subscription field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from router.supergraph.feeds.conditions import Condition
from router.supergraph.feeds.mapping import ObjectMapping


@dataclass(frozen=True)
class EventFeed:
    """A Subscription field whose values are made of events, those of the `types` named.

    `mapping` makes the root object of an event; an event counts when every one of `where` holds.
    """

    field: str
    types: tuple[str, ...]
    mapping: ObjectMapping
    where: tuple[Condition, ...] = ()

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """The topics the types are published to: an `order.placed` to `order`."""
        return tuple(dict.fromkeys(type_.partition(".")[0] for type_ in self.types))
