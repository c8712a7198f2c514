"""SQL over stock items: finding, making and, before all, locking them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.arrays import ID, rows_of
from subgraphs.inventory.model.tables import StockItemRow
from subgraphs.kit.ids import new_id

Items = Mapping[UUID, StockItemRow]
"""Locked stock items by variant."""

_FRESH = {"populate_existing": True}  # whatever this session saw before it held the lock is out of date


async def lock_items(session: AsyncSession, organization_id: UUID, variant_ids: Collection[UUID]) -> Items:
    """Returns the organization's items of these variants, locked until the transaction ends.

    The locks are taken in the order of the variants' ids, as everywhere: two transactions that want the
    same items meet at the first and queue there, and none can hold what the other waits for.
    """
    statement = (
        select(StockItemRow)
        .where(StockItemRow.organization_id == organization_id, StockItemRow.variant_id.in_(variant_ids))
        .order_by(StockItemRow.variant_id)
        .with_for_update()
        .execution_options(**_FRESH)
    )
    return {row.variant_id: row for row in await session.scalars(statement)}


async def upsert_items(
    session: AsyncSession, organization_id: UUID, product_of: Mapping[UUID, UUID]
) -> Items:
    """Returns the items of these variants, made where missing, told their product, and locked.

    An upsert locks each row as it comes to it, so it walks in the order of `lock_items`.
    """
    rows = [(new_id(), variant_id, product_id) for variant_id, product_id in product_of.items()]
    given = rows_of(rows, "given", id=ID, variant_id=ID, product_id=ID)
    source = select(
        given.c.id, literal(organization_id, ID), given.c.variant_id, given.c.product_id
    ).order_by(given.c.variant_id)
    columns = ["id", "organization_id", "variant_id", "product_id"]
    statement = insert(StockItemRow).from_select(columns, source)
    upserted = (
        statement.on_conflict_do_update(
            index_elements=["organization_id", "variant_id"],
            set_={"product_id": statement.excluded.product_id},
        )
        .returning(StockItemRow)
        .execution_options(**_FRESH)
    )
    return {row.variant_id: row for row in await session.scalars(upserted)}


async def mark_low(session: AsyncSession, low_by_item: Mapping[UUID, bool]) -> None:
    """Remembers for each item whether it now stands at its threshold or below."""
    for is_low in (True, False):
        ids = [item_id for item_id, low in low_by_item.items() if low is is_low]
        if ids:
            statement = update(StockItemRow).where(StockItemRow.id.in_(ids)).values(is_low=is_low)
            await session.execute(statement)
