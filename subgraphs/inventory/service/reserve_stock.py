"""Putting stock aside for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import ReferenceInUse
from subgraphs.inventory.events import StockReserved
from subgraphs.inventory.model.reservation_queries import claim_reservation
from subgraphs.inventory.model.states import Hold, ReservationStatus
from subgraphs.inventory.model.tables import ReservationRow
from subgraphs.inventory.service.acting import seller_organization
from subgraphs.inventory.service.amounts import REFERENCE_LENGTH_MAX, Line, check_text, merge_lines
from subgraphs.inventory.service.holds import give_back, lock_held_stock, take_stock, told, wanted_by
from subgraphs.inventory.service.locked_stock import announce_low_stock, lock_stock
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.events.outbox import record_event

SECONDS_MAX = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class ReservationDraft:
    """What shall be put aside, for what, and for how long."""

    reference: str
    organization_id: str
    expires_in_seconds: int
    lines: Sequence[Line]


async def reserve_stock(
    session: AsyncSession, viewer: Viewer, draft: ReservationDraft, now: datetime
) -> ReservationRow:
    """Returns the reference's reservation, holding all lines; raises and holds nothing new otherwise.

    A reference has one reservation: asking again replaces its lines and sets its time anew, whether it is
    active, lapsed or released. Committed stock stays as it is.
    """
    organization_id = seller_organization(viewer, draft.organization_id)
    reference = check_text(draft.reference, "reference", REFERENCE_LENGTH_MAX)
    wanted = merge_lines(draft.lines)
    expires_at = now + _check_time(draft.expires_in_seconds)
    row, is_new = await claim_reservation(session, organization_id, reference, viewer.service, expires_at)
    if row is None:
        raise ReferenceInUse("The reference belongs to another organization", field=["input", "reference"])
    if row.status in (ReservationStatus.COMMITTED, ReservationStatus.SHIPPED):
        return await _same_or_in_use(session, row, wanted, now)
    if is_new:
        items = await lock_stock(session, organization_id, wanted.keys(), now)
    else:
        held = await lock_held_stock(session, row, now, wanted.keys())
        items = held.items
        await give_back(session, held.lines)
    await take_stock(session, row, wanted, items, Hold.RESERVED)
    row.status, row.expires_at = ReservationStatus.ACTIVE, expires_at
    row.service = viewer.service or row.service
    await session.flush()
    await announce_low_stock(session, items, now)
    await record_event(session, _reserved(row, wanted, now))
    return row


def _check_time(seconds: int) -> timedelta:
    if not 1 <= seconds <= SECONDS_MAX:
        raise InvalidInput(
            f"A reservation lasts 1 to {SECONDS_MAX} seconds", field=["input", "expiresInSeconds"]
        )
    return timedelta(seconds=seconds)


async def _same_or_in_use(
    session: AsyncSession, row: ReservationRow, wanted: Mapping[UUID, int], now: datetime
) -> ReservationRow:
    held = await lock_held_stock(session, row, now)
    if wanted_by(held.lines) == wanted:
        return row
    raise ReferenceInUse("The reference's stock is committed already", field=["input", "reference"])


def _reserved(row: ReservationRow, wanted: Mapping[UUID, int], now: datetime) -> StockReserved:
    return StockReserved(
        subject=str(row.id),
        occurred_at=now,
        organization_id=row.organization_id,
        reference=row.reference,
        lines=told(wanted),
        expires_at=row.expires_at,
    )
