"""The shop's own steps: taking an order on, and closing it when everything is delivered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.events.outbox import record_event
from subgraphs.orders.errors import NotFulfilled, StockNotCommitted
from subgraphs.orders.events import OrderCompleted, OrderConfirmed
from subgraphs.orders.model.order_changes import add_event, count_parcels, swap_status
from subgraphs.orders.model.tables import OrderRow
from subgraphs.orders.service.own_order import OrderReference, lock_own_order
from subgraphs.orders.states import Actor, FulfillmentProgress, FulfillmentStatus, OrderStatus, StockStep

_UNDELIVERED = (FulfillmentStatus.PREPARING, FulfillmentStatus.SHIPPED)


async def confirm_order(
    session: AsyncSession, viewer: Viewer, reference: OrderReference, now: datetime
) -> OrderRow:
    """Returns the order taken on; its stock must be allocated for good."""
    order, _ = await lock_own_order(session, viewer, reference, OrderStatus.CONFIRMED)
    if order.stock is not StockStep.COMMITTED:
        raise StockNotCommitted("The order's stock is still being allocated; try again in a minute")
    return await _advance(session, viewer, order, OrderConfirmed, OrderStatus.CONFIRMED, now)


async def complete_order(
    session: AsyncSession, viewer: Viewer, reference: OrderReference, now: datetime
) -> OrderRow:
    """Returns the order closed; every piece of it must have been delivered."""
    order, _ = await lock_own_order(session, viewer, reference, OrderStatus.COMPLETED)
    on_the_way = await count_parcels(session, order.id, _UNDELIVERED)
    if order.fulfillment_status is not FulfillmentProgress.FULFILLED or on_the_way:
        raise NotFulfilled("Something of this order has not been delivered")
    return await _advance(session, viewer, order, OrderCompleted, OrderStatus.COMPLETED, now)


async def _advance(
    session: AsyncSession,
    viewer: Viewer,
    order: OrderRow,
    event: type[OrderConfirmed | OrderCompleted],
    after: OrderStatus,
    now: datetime,
) -> OrderRow:
    moved = await swap_status(session, order.id, order.status, after)
    assert moved is not None and moved.number is not None, "the row is locked, and was placed before"
    await add_event(session, moved.id, after.value, Actor.STAFF, now, actor_id=viewer.user_id)
    happened = event(
        subject=str(moved.id),
        occurred_at=now,
        organization_id=moved.organization_id,
        number=moved.number,
        customer_id=moved.customer_id,
    )
    await record_event(session, happened)
    return moved
