"""Letting allocated goods leave their warehouses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import ReservationNotCommitted
from subgraphs.inventory.events import StockShipped
from subgraphs.inventory.model.reservation_queries import lock_reservation, set_holds
from subgraphs.inventory.model.states import Hold, ReservationStatus, StockMovementKind
from subgraphs.inventory.model.tables import ReservationRow
from subgraphs.inventory.service.holds import give_back, lock_held_stock, told, wanted_by
from subgraphs.inventory.service.movements import Move, move_goods
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_event


async def ship_stock(session: AsyncSession, viewer: Viewer, reference: str, now: datetime) -> ReservationRow:
    """Returns the shipped reservation; shipping again changes nothing. What is available stays the same."""
    row = await lock_reservation(
        session, reference, organization_id=viewer.organization_id, service=viewer.service
    )
    if row is None:
        raise NotFound("No reservation has this reference", field=["input", "reference"])
    if row.status is ReservationStatus.SHIPPED:
        return row
    if row.status is not ReservationStatus.COMMITTED:
        raise ReservationNotCommitted("Commit the stock before it leaves", field=["input", "reference"])
    held = await lock_held_stock(session, row, now)
    moves = [
        Move(
            held.items[line.variant_id],
            line.warehouse_id,
            -line.quantity,
            StockMovementKind.SHIPMENT,
            row.reference,
        )
        for line in held.lines
    ]
    # The allocation goes first: a level never holds more than it has.
    await give_back(session, held.lines)
    await move_goods(session, viewer, moves, now)
    await set_holds(session, row.id, Hold.SHIPPED)
    row.status = ReservationStatus.SHIPPED
    await session.flush()
    shipped = StockShipped(
        subject=str(row.id),
        occurred_at=now,
        organization_id=row.organization_id,
        reference=row.reference,
        lines=told(wanted_by(held.lines)),
    )
    await record_event(session, shipped)
    return row
