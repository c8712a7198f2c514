"""What every change of a parcel ends with: the order's progress, its timeline, the event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.events.event import Event
from subgraphs.kit.events.outbox import record_events
from subgraphs.orders.events import FulfillmentMoved, OrderFulfilled
from subgraphs.orders.model.order_changes import add_event, count_pieces
from subgraphs.orders.model.tables import FulfillmentRow, OrderRow
from subgraphs.orders.states import Actor, FulfillmentProgress


async def record_parcel(
    session: AsyncSession, viewer: Viewer, order: OrderRow, parcel: FulfillmentRow, now: datetime
) -> None:
    """Brings the locked order's progress up to date and tells what happened to the parcel."""
    progress = _progress_of(*await count_pieces(session, order.id))
    became_fulfilled = progress is FulfillmentProgress.FULFILLED and order.fulfillment_status is not progress
    order.fulfillment_status = progress
    await session.flush()
    entry = f"FULFILLMENT_{parcel.status.value}"
    note = parcel.tracking_number
    await add_event(session, order.id, entry, Actor.STAFF, now, actor_id=viewer.user_id, note=note)
    moved = FulfillmentMoved(
        subject=str(order.id),
        occurred_at=now,
        organization_id=order.organization_id,
        fulfillment_id=parcel.id,
        customer_id=order.customer_id,
        status=parcel.status.value,
        tracking_number=parcel.tracking_number,
    )
    await record_events(session, moved, *([_fulfilled(order, now)] if became_fulfilled else []))


def _progress_of(ordered: int, fulfilled: int) -> FulfillmentProgress:
    if fulfilled == 0:
        return FulfillmentProgress.UNFULFILLED
    if fulfilled < ordered:
        return FulfillmentProgress.PARTIALLY_FULFILLED
    return FulfillmentProgress.FULFILLED


def _fulfilled(order: OrderRow, now: datetime) -> Event:
    assert order.number is not None, "only placed orders are fulfilled"
    return OrderFulfilled(
        subject=str(order.id),
        occurred_at=now,
        organization_id=order.organization_id,
        number=order.number,
        customer_id=order.customer_id,
    )
