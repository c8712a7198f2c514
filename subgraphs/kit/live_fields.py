"""Subscriptions that a domain resolves itself, for streams that no event of the bus tells.

    @strawberry.type
    class Subscription:
        @live_field(allow=HasPermission("imports:read"))
        async def import_progress(self, info: Info, id: strawberry.ID) -> AsyncGenerator[Progress, None]:
            async for progress in info.context.port(Imports).follow(id):
                yield progress

Each event is completed as a query of its own: the read transaction and the loaders of `info.context` end with
it, so a source that reads the database while it waits opens sessions of its own. A client's token is looked
at again before each event goes out, and the stream ends when it no longer holds; a passport, which lives for
a minute, holds for as long as the router carries the stream. A subscriber costs the subgraph a connection and
this generator; what events tell belongs to `event_feed`, which costs it neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.extensions.field_extension import AsyncExtensionResolver
from strawberry.types.field import StrawberryField

from subgraphs.kit.access import Access, RequireAccess
from subgraphs.kit.context import Info


class RequireAccessToStream(RequireAccess):
    """Holds a subscription to its rule before its source is opened."""

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any
    ) -> Any:
        """Returns the source for a viewer who may; it is an async generator, which nobody awaits."""
        self._check(info.context.viewer)
        return next_(source, info, **kwargs)


def live_field(*, allow: Access, description: str | None = None) -> Callable[[Any], Any]:
    """Declares a field of Subscription whose resolver is an async generator, for viewers who may."""
    return strawberry.subscription(extensions=[RequireAccessToStream(allow)], description=description)


def is_live_field(field: StrawberryField) -> bool:
    """Whether the field says who may reach it."""
    return any(isinstance(extension, RequireAccessToStream) for extension in field.extensions)
