"""SQL of what staff read: levels, movements and reservations of their own organization."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, cast, func
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.tables import (
    IS_ACTIVE,
    IS_RESERVED,
    ReservationLineRow,
    ReservationRow,
    StockLevelRow,
    StockMovementRow,
)
from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader, TupleReader

_LEVEL = RowReader(StockLevelRow)
_MOVEMENT = RowReader(StockMovementRow)
_RESERVATION = RowReader(ReservationRow)
_ORGANIZATION = bindparam("organization_id", type_=Uuid())

_LEVELS = Listed(_LEVEL.select().where(StockLevelRow.organization_id == _ORGANIZATION), _LEVEL)
_MOVEMENTS = Listed(_MOVEMENT.select().where(StockMovementRow.organization_id == _ORGANIZATION), _MOVEMENT)
_RESERVATIONS = Listed(
    _RESERVATION.select().where(ReservationRow.organization_id == _ORGANIZATION), _RESERVATION
)
_LEVELS_BY_VARIANTS = PreparedSelect(
    _LEVELS.statement.where(one_of(StockLevelRow.variant_id, "variant_ids")).order_by(
        StockLevelRow.variant_id, StockLevelRow.id
    ),
    _LEVEL,
)
_MOVEMENTS_BY_IDS = PreparedSelect(_MOVEMENTS.statement.where(one_of(StockMovementRow.id, "ids")), _MOVEMENT)
_RESERVATIONS_BY_IDS = PreparedSelect(
    _RESERVATIONS.statement.where(one_of(ReservationRow.id, "ids")), _RESERVATION
)
_HELD = TupleReader(StockLevelRow.id, cast(func.sum(ReservationLineRow.quantity), BigInteger))
_RESERVED_BY_LEVELS = PreparedSelect(
    _HELD.select()
    .join(
        ReservationLineRow,
        (ReservationLineRow.stock_item_id == StockLevelRow.stock_item_id)
        & (ReservationLineRow.warehouse_id == StockLevelRow.warehouse_id),
    )
    .join(ReservationRow, ReservationRow.id == ReservationLineRow.reservation_id)
    .where(
        one_of(StockLevelRow.id, "level_ids"),
        IS_RESERVED,
        IS_ACTIVE,
        ReservationRow.expires_at > bindparam("now", type_=DateTime(timezone=True)),
    )
    .group_by(StockLevelRow.id),
    _HELD,
)


def levels_of_organization(organization_id: UUID | None) -> Listed[StockLevelRow]:
    """Returns an organization's levels."""
    return _LEVELS.given(organization_id=organization_id)


def movements_of_organization(organization_id: UUID | None) -> Listed[StockMovementRow]:
    """Returns an organization's movements."""
    return _MOVEMENTS.given(organization_id=organization_id)


def reservations_of_organization(organization_id: UUID | None) -> Listed[ReservationRow]:
    """Returns an organization's reservations."""
    return _RESERVATIONS.given(organization_id=organization_id)


async def levels_by_variants(
    session: AsyncSession, organization_id: UUID | None, variant_ids: Collection[UUID]
) -> Sequence[StockLevelRow]:
    """Returns the organization's levels of these variants, the oldest first."""
    return await _LEVELS_BY_VARIANTS.all(
        session, organization_id=organization_id, variant_ids=list(variant_ids)
    )


async def reserved_by_levels(
    session: AsyncSession, level_ids: Collection[UUID], now: datetime
) -> Mapping[UUID, int]:
    """Returns what live reservations hold of each level; lapsed ones hold nothing, tidied away or not."""
    return dict(await _RESERVED_BY_LEVELS.all(session, level_ids=list(level_ids), now=now))


async def movements_by_ids(
    session: AsyncSession, organization_id: UUID | None, ids: Sequence[UUID]
) -> Mapping[UUID, StockMovementRow]:
    """Returns the organization's movements of these ids."""
    found = await _MOVEMENTS_BY_IDS.all(session, organization_id=organization_id, ids=ids)
    return {row.id: row for row in found}


async def reservations_by_ids(
    session: AsyncSession, organization_id: UUID | None, ids: Sequence[UUID]
) -> Mapping[UUID, ReservationRow]:
    """Returns the organization's reservations of these ids."""
    found = await _RESERVATIONS_BY_IDS.all(session, organization_id=organization_id, ids=ids)
    return {row.id: row for row in found}
