"""The subscriptions of orders: events of theirs, read by the router."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import strawberry

from subgraphs.kit.event_feeds import event_feed, read_by_the_router
from subgraphs.orders.model.order_queries import READ_ORDERS
from subgraphs.orders.schema.types import Order

_CHANGES = ("order.placed", "order.confirmed", "order.cancelled", "order.fulfilled")


@strawberry.type
class Subscription:
    @event_feed(
        "order.placed",
        where=("tenant = viewer.org", f'"{READ_ORDERS}" in viewer.permissions'),
        description="Each new order of the organization one acts for.",
    )
    async def order_placed(self) -> AsyncGenerator[Order | None, None]:
        async for _ in read_by_the_router():
            yield None

    @event_feed(
        *_CHANGES,
        where=("data.customer_id = viewer.sub", "subject = $id"),
        description="One's own orders, or one of them, whenever they are placed or move on.",
    )
    async def my_order_changed(
        self,
        id: strawberry.ID | None = None,  # noqa: A002 - the argument's name
    ) -> AsyncGenerator[Order | None, None]:
        async for _ in read_by_the_router():
            yield None
