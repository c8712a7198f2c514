"""SQL over reservations and their lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.states import Hold, ReservationStatus
from subgraphs.inventory.model.tables import IS_ACTIVE, ReservationLineRow, ReservationRow
from subgraphs.kit.ids import new_id
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader

_LINE = RowReader(ReservationLineRow)
_LINES = PreparedSelect(
    _LINE.select()
    .where(one_of(ReservationLineRow.reservation_id, "reservation_ids"))
    .order_by(
        ReservationLineRow.reservation_id, ReservationLineRow.variant_id, ReservationLineRow.warehouse_id
    )
    .execution_options(populate_existing=True),
    _LINE,
)


def _one_reference(organization_id: UUID, reference: str) -> ColumnElement[bool]:
    return and_(ReservationRow.organization_id == organization_id, ReservationRow.reference == reference)


async def claim_reservation(
    session: AsyncSession, organization_id: UUID, reference: str, service: str | None, expires_at: datetime
) -> tuple[ReservationRow | None, bool]:
    """Returns the reference's one reservation, locked until the transaction ends, and whether it is new.

    Whoever comes second waits for the first. None when the service used the reference for another
    organization.
    """
    made = (
        upsert(ReservationRow)
        .values(
            id=new_id(),
            organization_id=organization_id,
            reference=reference,
            service=service,
            status=ReservationStatus.ACTIVE,
            expires_at=expires_at,
        )
        .on_conflict_do_nothing()
        .returning(ReservationRow)
    )
    row = (await session.scalars(made)).one_or_none()
    if row is not None:
        return row, True
    return await _lock(session, _one_reference(organization_id, reference)), False


async def lock_reservation(
    session: AsyncSession, reference: str, *, organization_id: UUID | None, service: str | None
) -> ReservationRow | None:
    """Returns the reservation, locked: a service's own by reference, or the organization's."""
    if service is not None:
        return await _lock(
            session, and_(ReservationRow.service == service, ReservationRow.reference == reference)
        )
    assert organization_id is not None, "staff act in an organization"
    return await _lock(session, _one_reference(organization_id, reference))


async def lock_reservation_by_id(session: AsyncSession, reservation_id: UUID) -> ReservationRow | None:
    """Returns the reservation, locked."""
    return await _lock(session, ReservationRow.id == reservation_id)


async def _lock(session: AsyncSession, condition: ColumnElement[bool]) -> ReservationRow | None:
    statement = (
        select(ReservationRow).where(condition).with_for_update().execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def find_lapsed(session: AsyncSession, now: datetime, limit: int) -> Sequence[UUID]:
    """Returns the ids of active reservations whose time is up, the oldest first."""
    statement = (
        select(ReservationRow.id)
        .where(IS_ACTIVE, ReservationRow.expires_at <= now)
        .order_by(ReservationRow.expires_at)
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def lines_of_reservations(
    session: AsyncSession, reservation_ids: Collection[UUID]
) -> Sequence[ReservationLineRow]:
    """Returns the reservations' lines as they stand now, in the order of their variants and warehouses."""
    return await _LINES.all(session, reservation_ids=list(reservation_ids))


async def replace_lines(
    session: AsyncSession, reservation_id: UUID, lines: Sequence[Mapping[str, Any]]
) -> None:
    """Makes these the reservation's lines."""
    await session.execute(
        delete(ReservationLineRow).where(ReservationLineRow.reservation_id == reservation_id),
        execution_options={"synchronize_session": False},
    )
    rows = [{"id": new_id(), "reservation_id": reservation_id, **line} for line in lines]
    await session.execute(insert(ReservationLineRow), rows)


async def set_holds(session: AsyncSession, reservation_id: UUID, hold: Hold) -> None:
    """Sets what all lines of the reservation hold."""
    statement = (
        update(ReservationLineRow)
        .where(ReservationLineRow.reservation_id == reservation_id)
        .values(hold=hold)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)
