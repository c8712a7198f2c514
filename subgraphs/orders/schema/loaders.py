"""What orders loads in batches. Orders themselves are filtered by who asks; what hangs on an order or a cart
is loaded for those the viewer already has."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from subgraphs.kit.context import RequestContext
from subgraphs.kit.loaders import in_order
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.page import Page
from subgraphs.orders.model.cart_queries import lines_by_carts
from subgraphs.orders.model.customer_orders import order_pages_by_customers
from subgraphs.orders.model.order_queries import (
    events_by_orders,
    fulfillments_by_orders,
    lines_by_fulfillments,
    lines_by_orders,
    live_orders_by_carts,
    visible_orders_by_ids,
)
from subgraphs.orders.model.tables import (
    CartLineRow,
    FulfillmentLineRow,
    FulfillmentRow,
    OrderEventRow,
    OrderLineRow,
    OrderRow,
)


async def load_orders(context: RequestContext, ids: Sequence[UUID]) -> list[OrderRow | None]:
    """Returns the orders by id that the viewer may see."""
    return in_order(ids, await visible_orders_by_ids(context.session, context.viewer, ids))


async def load_order_pages(
    context: RequestContext, customer_ids: Sequence[UUID], *, page: PageArguments
) -> list[Page[OrderRow]]:
    """Returns each user's page of orders that the viewer may see."""
    return await order_pages_by_customers(context.session, context.viewer, customer_ids, page)


async def load_cart_lines(context: RequestContext, cart_ids: Sequence[UUID]) -> list[Sequence[CartLineRow]]:
    """Returns the lines of each cart."""
    found = await lines_by_carts(context.session, cart_ids)
    return [found.get(each, ()) for each in cart_ids]


async def load_orders_of_carts(context: RequestContext, cart_ids: Sequence[UUID]) -> list[OrderRow | None]:
    """Returns the order each cart has become."""
    return in_order(cart_ids, await live_orders_by_carts(context.session, cart_ids))


async def load_order_lines(
    context: RequestContext, order_ids: Sequence[UUID]
) -> list[Sequence[OrderLineRow]]:
    """Returns the lines of each order."""
    found = await lines_by_orders(context.session, order_ids)
    return [found.get(each, ()) for each in order_ids]


async def load_events(context: RequestContext, order_ids: Sequence[UUID]) -> list[Sequence[OrderEventRow]]:
    """Returns the timeline of each order."""
    found = await events_by_orders(context.session, order_ids)
    return [found.get(each, ()) for each in order_ids]


async def load_fulfillments(
    context: RequestContext, order_ids: Sequence[UUID]
) -> list[Sequence[FulfillmentRow]]:
    """Returns the parcels of each order."""
    found = await fulfillments_by_orders(context.session, order_ids)
    return [found.get(each, ()) for each in order_ids]


async def load_fulfillment_lines(
    context: RequestContext, fulfillment_ids: Sequence[UUID]
) -> list[Sequence[FulfillmentLineRow]]:
    """Returns what each parcel holds."""
    found = await lines_by_fulfillments(context.session, fulfillment_ids)
    return [found.get(each, ()) for each in fulfillment_ids]
