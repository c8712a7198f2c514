"""Sending, delivering or undoing a parcel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.kit.versions import check_version
from subgraphs.orders.errors import IllegalTransition
from subgraphs.orders.model.order_changes import (
    add_fulfilled,
    find_parcel,
    parcel_lines,
    swap_parcel_status,
)
from subgraphs.orders.model.tables import FulfillmentRow
from subgraphs.orders.service.own_order import OrderReference, lock_own_order
from subgraphs.orders.service.parcels import record_parcel
from subgraphs.orders.states import FULFILLMENT_MACHINE, Actor, FulfillmentStatus


@dataclass(frozen=True, slots=True)
class ParcelMove:
    """Which parcel goes where; a tracking number may come with it."""

    parcel_id: UUID | None
    after: FulfillmentStatus
    tracking_number: str | None = None
    expected_version: int | None = None


async def move_fulfillment(
    session: AsyncSession, viewer: Viewer, move: ParcelMove, now: datetime
) -> FulfillmentRow:
    """Returns the parcel in its new state; a cancelled one gives its pieces back to the order."""
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
        for line in await parcel_lines(session, parcel.id):
            await add_fulfilled(session, line.order_line_id, -line.quantity)
    await record_parcel(session, viewer, order, parcel, now)
    return parcel
