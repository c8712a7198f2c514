"""What can be bought: one statement for any number of variants, one for any number of products."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Subquery, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.tables import (
    IS_ACTIVE,
    IS_RESERVED,
    ReservationLineRow,
    ReservationRow,
    StockItemRow,
    StockLevelRow,
)
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import TupleReader

Owned = tuple[UUID, UUID]
"""(organization_id, id of the variant or product)."""


@dataclass(frozen=True, slots=True)
class Availability:
    """How many can be bought, and whether any variant has more than its threshold."""

    quantity: int
    is_ample: bool


NOTHING = Availability(0, is_ample=False)
"""A variant that never was received."""


_NOW = bindparam("now", type_=DateTime(timezone=True))


def _lapsed() -> ColumnElement[int]:
    """What lapsed reservations still hold of a level: free by the clock, whether tidied away or not."""
    lapsed = (
        select(func.sum(ReservationLineRow.quantity))
        .join(ReservationRow, ReservationRow.id == ReservationLineRow.reservation_id)
        .where(
            ReservationLineRow.stock_item_id == StockItemRow.id,
            IS_RESERVED,
            IS_ACTIVE,
            ReservationRow.expires_at <= _NOW,
        )
        .correlate(StockItemRow)
        .scalar_subquery()
    )
    return func.coalesce(lapsed, 0)


def _items(condition: ColumnElement[bool]) -> Subquery:
    on_shelves = (
        select(func.sum(StockLevelRow.on_hand - StockLevelRow.reserved - StockLevelRow.allocated))
        .where(StockLevelRow.stock_item_id == StockItemRow.id)
        .correlate(StockItemRow)
        .scalar_subquery()
    )
    return (
        select(
            StockItemRow.organization_id,
            StockItemRow.variant_id,
            StockItemRow.product_id,
            StockItemRow.low_stock_threshold,
            (func.coalesce(on_shelves, 0) + _lapsed()).label("available"),
        )
        .where(condition)
        .subquery("items")
    )


def _of_variants() -> PreparedSelect[tuple[Any, ...]]:
    items = _items(one_of(StockItemRow.variant_id, "ids"))
    reader = TupleReader(
        items.c.organization_id,
        items.c.variant_id,
        items.c.available,
        items.c.available > items.c.low_stock_threshold,
    )
    return PreparedSelect(reader.select(), reader)


def _of_products() -> PreparedSelect[tuple[Any, ...]]:
    items = _items(one_of(StockItemRow.product_id, "ids"))
    reader = TupleReader(
        items.c.organization_id,
        items.c.product_id,
        func.sum(items.c.available),
        func.bool_or(items.c.available > items.c.low_stock_threshold),
    )
    statement = reader.select().group_by(items.c.organization_id, items.c.product_id)
    return PreparedSelect(statement, reader)


_OF_VARIANTS = _of_variants()
_OF_PRODUCTS = _of_products()


async def availability_of_variants(
    session: AsyncSession, variant_ids: Collection[UUID], now: datetime
) -> Mapping[Owned, Availability]:
    """Returns what can be bought of each variant, by the organization that sells it."""
    rows = await _OF_VARIANTS.all(session, ids=list(variant_ids), now=now)
    return {(owner, variant): Availability(int(count), ample) for owner, variant, count, ample in rows}


async def availability_of_products(
    session: AsyncSession, product_ids: Collection[UUID], now: datetime
) -> Mapping[Owned, Availability]:
    """Returns the sum over each product's variants, by the organization that sells it."""
    rows = await _OF_PRODUCTS.all(session, ids=list(product_ids), now=now)
    return {(owner, product): Availability(int(count), ample) for owner, product, count, ample in rows}
