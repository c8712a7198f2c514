"""Making a reservation a permanent allocation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import ReservationExpired, ReservationReleased
from subgraphs.inventory.events import StockCommitted
from subgraphs.inventory.model.level_queries import Place, change_holds
from subgraphs.inventory.model.reservation_queries import lock_reservation, set_holds
from subgraphs.inventory.model.states import Hold, ReservationStatus
from subgraphs.inventory.model.tables import ReservationRow
from subgraphs.inventory.service.holds import (
    HeldStock,
    give_back,
    lock_held_stock,
    take_stock,
    told,
    wanted_by,
)
from subgraphs.inventory.service.locked_stock import announce_low_stock
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound, Refusals
from subgraphs.kit.events.outbox import record_event


async def commit_stock(
    session: AsyncSession, viewer: Viewer, reference: str, now: datetime
) -> ReservationRow:
    """Returns the committed reservation; committing again changes nothing.

    A lapsed reservation takes its stock again if it is still there: the order that was placed in time but
    committed late shall not fail for the lateness alone.
    """
    row = await lock_reservation(
        session, reference, organization_id=viewer.organization_id, service=viewer.service
    )
    if row is None:
        raise NotFound("No reservation has this reference", field=["input", "reference"])
    if row.status in (ReservationStatus.COMMITTED, ReservationStatus.SHIPPED):
        return row
    if row.status is ReservationStatus.RELEASED:
        raise ReservationReleased("The reservation was released", field=["input", "reference"])
    held = await lock_held_stock(session, row, now)
    if held.is_whole:
        await _allocate_reserved(session, row, held)
    else:
        await _take_again(session, row, held)
    row.status = ReservationStatus.COMMITTED
    await session.flush()
    await announce_low_stock(session, held.items, now)
    committed = StockCommitted(
        subject=str(row.id),
        occurred_at=now,
        organization_id=row.organization_id,
        reference=row.reference,
        lines=told(wanted_by(held.lines)),
    )
    await record_event(session, committed)
    return row


async def _allocate_reserved(session: AsyncSession, row: ReservationRow, held: HeldStock) -> None:
    allocated: dict[Place, int] = {
        (line.stock_item_id, line.warehouse_id): line.quantity for line in held.lines
    }
    await change_holds(
        session, reserved={place: -count for place, count in allocated.items()}, allocated=allocated
    )
    await set_holds(session, row.id, Hold.ALLOCATED)


async def _take_again(session: AsyncSession, row: ReservationRow, held: HeldStock) -> None:
    await give_back(session, held.lines)
    try:
        await take_stock(session, row, wanted_by(held.lines), held.items, Hold.ALLOCATED)
    except Refusals as shortage:
        raise ReservationExpired(
            f"The reservation lapsed at {row.expires_at.isoformat()} and its stock is gone: {shortage}",
            field=["input", "reference"],
        ) from shortage
