"""Event-driven subscriptions: a domain declares which events make a field; the router reads them.

    @strawberry.type
    class Subscription:
        @event_feed("order.placed", where=('"orders:read" in viewer.permissions', "tenant = viewer.org"))
        async def order_placed(self) -> AsyncGenerator[Order | None, None]:
            async for _ in read_by_the_router():
                yield None

No subgraph holds a connection of a subscriber: the router takes the event from the bus, filters by arguments
(`$name`) and the viewer's claims, makes the root object (`object`, here the key from the event's subject) and
asks for everything else by `_entities`, with the viewer's own token. So `resolve_references` decides what
each subscriber may see, as it does for queries.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import strawberry
from strawberry import federation
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from subgraphs.kit.errors import ClientError

FEED_SPEC = "https://zellige.dev/feed/v0.1"


@federation.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="eventFeed", compose=True, import_url=FEED_SPEC
)
class EventFeed:
    """Which events make a field of Subscription, and how."""

    events: list[str]
    object: str = "id: subject"
    where: list[str] = strawberry.field(default_factory=list)


class ReadByTheRouter(ClientError):  # noqa: N818 - a refusal reads as a sentence
    """The field has no resolver: whoever serves the supergraph reads its events from the bus."""

    code = "OPERATION_NOT_SUPPORTED"


def event_feed(
    *events: str,
    object: str = "id: subject",  # noqa: A002 - the argument's name
    where: Sequence[str] = (),
    description: str | None = None,
) -> Callable[[Any], Any]:
    """Declares a field of Subscription that is made of events of these types."""
    directive = EventFeed(events=[*events], object=object, where=[*where])
    return strawberry.subscription(directives=[directive], description=description)


async def read_by_the_router() -> AsyncGenerator[None, None]:
    """Is what stands in the place of a resolver; raises when somebody runs it after all."""
    raise ReadByTheRouter("This subscription is made of events, which the router reads")
    yield


def is_event_feed(field: StrawberryField) -> bool:
    """Whether the field is declared as a feed."""
    return any(isinstance(directive, EventFeed) for directive in field.directives)
