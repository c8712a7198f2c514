"""SQL of what staff read: levels, movements and reservations of their own organization."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.tables import (
    IS_ACTIVE,
    IS_RESERVED,
    ReservationLineRow,
    ReservationRow,
    StockLevelRow,
    StockMovementRow,
)


def levels_of_organization(organization_id: UUID | None) -> Select[StockLevelRow]:
    """Returns the statement of an organization's levels."""
    return select(StockLevelRow).where(StockLevelRow.organization_id == organization_id)


def movements_of_organization(organization_id: UUID | None) -> Select[StockMovementRow]:
    """Returns the statement of an organization's movements."""
    return select(StockMovementRow).where(StockMovementRow.organization_id == organization_id)


def reservations_of_organization(organization_id: UUID | None) -> Select[ReservationRow]:
    """Returns the statement of an organization's reservations."""
    return select(ReservationRow).where(ReservationRow.organization_id == organization_id)


async def levels_by_variants(
    session: AsyncSession, organization_id: UUID | None, variant_ids: Collection[UUID]
) -> Sequence[StockLevelRow]:
    """Returns the organization's levels of these variants, the oldest first."""
    statement = (
        levels_of_organization(organization_id)
        .where(StockLevelRow.variant_id.in_(variant_ids))
        .order_by(StockLevelRow.variant_id, StockLevelRow.id)
    )
    return (await session.scalars(statement)).all()


async def reserved_by_levels(
    session: AsyncSession, level_ids: Collection[UUID], now: datetime
) -> Mapping[UUID, int]:
    """Returns what live reservations hold of each level; lapsed ones hold nothing, tidied away or not."""
    statement = (
        select(StockLevelRow.id, func.sum(ReservationLineRow.quantity))
        .join(
            ReservationLineRow,
            (ReservationLineRow.stock_item_id == StockLevelRow.stock_item_id)
            & (ReservationLineRow.warehouse_id == StockLevelRow.warehouse_id),
        )
        .join(ReservationRow, ReservationRow.id == ReservationLineRow.reservation_id)
        .where(
            StockLevelRow.id.in_(level_ids),
            IS_RESERVED,
            IS_ACTIVE,
            ReservationRow.expires_at > now,
        )
        .group_by(StockLevelRow.id)
    )
    return {level_id: int(count) for level_id, count in await session.execute(statement)}


async def movements_by_ids(
    session: AsyncSession, organization_id: UUID | None, ids: Sequence[UUID]
) -> Mapping[UUID, StockMovementRow]:
    """Returns the organization's movements of these ids."""
    statement = movements_of_organization(organization_id).where(StockMovementRow.id.in_(ids))
    return {row.id: row for row in await session.scalars(statement)}


async def reservations_by_ids(
    session: AsyncSession, organization_id: UUID | None, ids: Sequence[UUID]
) -> Mapping[UUID, ReservationRow]:
    """Returns the organization's reservations of these ids."""
    statement = reservations_of_organization(organization_id).where(ReservationRow.id.in_(ids))
    return {row.id: row for row in await session.scalars(statement)}
