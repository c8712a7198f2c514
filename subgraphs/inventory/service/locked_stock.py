"""The items a use-case changes, locked and true to the clock; and what every change ends with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.events import StockLow
from subgraphs.inventory.model.item_queries import Items, lock_items, mark_low, upsert_items
from subgraphs.inventory.model.level_queries import free_lapsed_holds, levels_of_items
from subgraphs.kit.events.outbox import record_events


async def lock_stock(
    session: AsyncSession, organization_id: UUID, variant_ids: Collection[UUID], now: datetime
) -> Items:
    """Returns the known items of these variants, locked, with lapsed reservations taken out."""
    items = await lock_items(session, organization_id, variant_ids)
    await _free_lapsed(session, items, now)
    return items


async def lock_or_make_stock(
    session: AsyncSession, organization_id: UUID, product_of: Mapping[UUID, UUID], now: datetime
) -> Items:
    """Returns the items of these variants, made where missing, locked as by `lock_stock`."""
    items = await upsert_items(session, organization_id, product_of)
    await _free_lapsed(session, items, now)
    return items


async def _free_lapsed(session: AsyncSession, items: Items, now: datetime) -> None:
    if items:
        await free_lapsed_holds(session, [item.id for item in items.values()], now)


async def announce_low_stock(session: AsyncSession, items: Items, now: datetime) -> None:
    """Records StockLow for each locked item that has just fallen to its threshold, once per crossing."""
    available: Counter[UUID] = Counter()
    for level in await levels_of_items(session, [item.id for item in items.values()]):
        available[level.stock_item_id] += level.available
    crossed = {
        item.id: is_low
        for item in items.values()
        if (is_low := available[item.id] <= item.low_stock_threshold) is not item.is_low
    }
    await mark_low(session, crossed)
    events = [
        StockLow(
            subject=str(item.variant_id),
            occurred_at=now,
            organization_id=item.organization_id,
            available=available[item.id],
            threshold=item.low_stock_threshold,
        )
        for item in items.values()
        if crossed.get(item.id)
    ]
    await record_events(session, *events)
