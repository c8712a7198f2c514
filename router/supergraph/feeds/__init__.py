"""Event-driven subscriptions as a supergraph declares them.

In: the definitions of a supergraph in which `@eventFeed` (https://zellige.dev/feed) marks fields of the
Subscription type. Out: for each such field an `EventFeed`, and a subgraph of its own that stands for it.
Steps: read the directive, parse how the root object is made of an event (`mapping`) and which events are
meant (`conditions`), put the field into a subgraph that can answer just what an event carries (`stand_in`).
It reads no events and knows no bus.
"""

from router.supergraph.feeds.conditions import Condition, Literal, Operand, OperandKind, Operator
from router.supergraph.feeds.mapping import EventPath, FromEvent, MappedField, ObjectMapping
from router.supergraph.feeds.model import EventFeed

__all__ = [
    "Condition",
    "EventFeed",
    "EventPath",
    "FromEvent",
    "Literal",
    "MappedField",
    "ObjectMapping",
    "Operand",
    "OperandKind",
    "Operator",
]
