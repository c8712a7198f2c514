"""Giving reserved or allocated stock back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import AlreadyShipped
from subgraphs.inventory.events import StockReleased
from subgraphs.inventory.model.reservation_queries import lock_reservation, set_holds
from subgraphs.inventory.model.states import Hold, ReservationStatus
from subgraphs.inventory.model.tables import ReservationRow
from subgraphs.inventory.service.holds import give_back, lock_held_stock, told, wanted_by
from subgraphs.inventory.service.locked_stock import announce_low_stock
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.events.outbox import record_event


async def release_stock(
    session: AsyncSession, viewer: Viewer, reference: str, now: datetime
) -> ReservationRow | None:
    """Returns the released reservation, or None for a reference nobody reserved under.

    Released twice, or after it expired, it gives nothing back again.
    """
    row = await lock_reservation(
        session, reference, organization_id=viewer.organization_id, service=viewer.service
    )
    if row is None or row.status is ReservationStatus.RELEASED:
        return row
    if row.status is ReservationStatus.SHIPPED:
        raise AlreadyShipped("The goods have left; receive them as a return", field=["input", "reference"])
    # Its expiry was told already; now it only becomes final.
    told_already = row.status is ReservationStatus.EXPIRED
    await _end(session, row, ReservationStatus.RELEASED, now, reason=None if told_already else "released")
    return row


async def expire_reservation(session: AsyncSession, row: ReservationRow, now: datetime) -> bool:
    """Marks a locked reservation whose time is up, and says whether it was one."""
    if row.status is not ReservationStatus.ACTIVE or row.expires_at > now:
        return False
    await _end(session, row, ReservationStatus.EXPIRED, now, reason="expired")
    return True


async def _end(
    session: AsyncSession, row: ReservationRow, status: ReservationStatus, now: datetime, reason: str | None
) -> None:
    held = await lock_held_stock(session, row, now)
    await give_back(session, held.lines)
    await set_holds(session, row.id, Hold.NONE)
    row.status = status
    await session.flush()
    await announce_low_stock(session, held.items, now)
    if reason is not None:
        released = StockReleased(
            subject=str(row.id),
            occurred_at=now,
            organization_id=row.organization_id,
            reference=row.reference,
            lines=told(wanted_by(held.lines)),
            reason=reason,
        )
        await record_event(session, released)
