"""Sending, delivering or undoing a parcel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.kit.versions import check_version
from subgraphs.orders.errors import IllegalTransition, TryAgain
from subgraphs.orders.model.order_changes import (
    add_fulfilled,
    find_parcel,
    parcel_lines,
    swap_parcel_status,
)
from subgraphs.orders.model.tables import FulfillmentRow, OrderRow
from subgraphs.orders.service.own_order import OrderReference, lock_own_order
from subgraphs.orders.service.parcels import record_parcel
from subgraphs.orders.service.saga import Saga
from subgraphs.orders.service.settle_checkout import read_claim
from subgraphs.orders.service.ship_stock import demand_shipping, ship_stock
from subgraphs.orders.states import FULFILLMENT_MACHINE, Actor, FulfillmentStatus

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ParcelMove:
    """Which parcel goes where; a tracking number may come with it."""

    parcel_id: UUID | None
    after: FulfillmentStatus
    tracking_number: str | None = None
    expected_version: int | None = None


async def move_fulfillment(saga: Saga, viewer: Viewer, move: ParcelMove) -> FulfillmentRow:
    """Returns the parcel in its new state; when it is the last to leave, inventory books the stock out."""
    now = saga.clock.now()
    async with saga.database.transaction() as session:
        order, parcel = await _move(session, viewer, move, now)
        is_last = parcel.status is FulfillmentStatus.SHIPPED and await demand_shipping(session, order, now)
        claim = await read_claim(session, order)
    if is_last:
        try:
            await ship_stock(saga, claim)
        except TryAgain:
            log.warning("stock_not_shipped", order_id=str(order.id))
    return parcel


async def _move(
    session: AsyncSession, viewer: Viewer, move: ParcelMove, now: datetime
) -> tuple[OrderRow, FulfillmentRow]:
    found = None
    if move.parcel_id is not None:
        found = await find_parcel(session, move.parcel_id, viewer.organization_id)
    if found is None:
        raise NotFound("No such fulfilment", field=["input", "fulfillmentId"])
    # The order's lock makes parcels of one order take turns, and its progress count right.
    order, _ = await lock_own_order(session, viewer, OrderReference(found.order_id))
    await session.refresh(found)
    check_version(found, move.expected_version)
    if not FULFILLMENT_MACHINE.allows(found.status, move.after, Actor.STAFF):
        raise IllegalTransition(f"A parcel that is {found.status.value} cannot become {move.after.value}")
    values = {"tracking_number": move.tracking_number} if move.tracking_number is not None else {}
    parcel = await swap_parcel_status(session, found.id, found.status, move.after, **values)
    assert parcel is not None, "the order's row is locked"
    if parcel.status is FulfillmentStatus.CANCELLED:
        # Its pieces go back to the order: a cancelled parcel holds nothing.
        for line in await parcel_lines(session, parcel.id):
            await add_fulfilled(session, line.order_line_id, -line.quantity)
    await record_parcel(session, viewer, order, parcel, now)
    return order, parcel
