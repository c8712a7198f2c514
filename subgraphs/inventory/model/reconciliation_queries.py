"""Whether the levels are what follows from the movements and the reservations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.states import Hold
from subgraphs.inventory.model.tables import ReservationLineRow, StockLevelRow, StockMovementRow

DISCREPANCIES_MAX = 100


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A level that says something else than what it is derived from."""

    variant_id: UUID
    warehouse_id: UUID
    on_hand: int
    on_hand_by_movements: int
    reserved: int
    reserved_by_lines: int
    allocated: int
    allocated_by_lines: int


async def find_discrepancies(session: AsyncSession, organization_id: UUID | None) -> Sequence[Discrepancy]:
    """Returns the organization's levels that are wrong; there are none unless somebody wrote by hand.

    Reads every movement of the organization: for the reconciliation, not for pages.
    """
    moved, reserved, allocated = _moved(organization_id), _held(Hold.RESERVED), _held(Hold.ALLOCATED)
    by_movements, by_reserved, by_allocated = (_sum(each) for each in (moved, reserved, allocated))
    statement = select(
        StockLevelRow.variant_id,
        StockLevelRow.warehouse_id,
        StockLevelRow.on_hand,
        by_movements,
        StockLevelRow.reserved,
        by_reserved,
        StockLevelRow.allocated,
        by_allocated,
    )
    for derived in (moved, reserved, allocated):
        statement = statement.outerjoin(
            derived,
            (derived.c.stock_item_id == StockLevelRow.stock_item_id)
            & (derived.c.warehouse_id == StockLevelRow.warehouse_id),
        )
    wrong = or_(
        StockLevelRow.on_hand != by_movements,
        StockLevelRow.reserved != by_reserved,
        StockLevelRow.allocated != by_allocated,
    )
    statement = statement.where(StockLevelRow.organization_id == organization_id, wrong)
    rows = await session.execute(statement.order_by(StockLevelRow.id).limit(DISCREPANCIES_MAX))
    return [Discrepancy(variant, place, *map(int, counts)) for variant, place, *counts in rows]


def _sum(derived: Subquery) -> ColumnElement[int]:
    return func.coalesce(derived.c.total, 0)


def _moved(organization_id: UUID | None) -> Subquery:
    row = StockMovementRow
    return (
        select(row.stock_item_id, row.warehouse_id, func.sum(row.quantity).label("total"))
        .where(row.organization_id == organization_id)
        .group_by(row.stock_item_id, row.warehouse_id)
        .subquery("moved")
    )


def _held(hold: Hold) -> Subquery:
    row = ReservationLineRow
    return (
        select(row.stock_item_id, row.warehouse_id, func.sum(row.quantity).label("total"))
        .where(row.hold == hold)
        .group_by(row.stock_item_id, row.warehouse_id)
        .subquery(hold.value)
    )
