"""Correcting the books to what lies on the shelf."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import InsufficientStock
from subgraphs.inventory.events import StockAdjusted
from subgraphs.inventory.model.item_queries import Items
from subgraphs.inventory.model.level_queries import levels_of_items
from subgraphs.inventory.model.states import StockAdjustmentReason, StockMovementKind
from subgraphs.inventory.model.tables import StockItemRow
from subgraphs.inventory.service.acting import own_organization
from subgraphs.inventory.service.amounts import NOTE_LENGTH_MAX, QUANTITY_MAX, check_optional_text
from subgraphs.inventory.service.locked_stock import announce_low_stock, lock_or_make_stock, lock_stock
from subgraphs.inventory.service.movements import Move, move_goods
from subgraphs.inventory.service.open_warehouses import open_warehouses
from subgraphs.inventory.service.receive_stock import check_levels
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, NotFound
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import read_id


@dataclass(frozen=True, slots=True)
class Adjustment:
    """By how much a level is wrong, or how many were counted; one of the two."""

    warehouse_id: str
    variant_id: str
    product_id: str | None
    delta: int | None
    counted: int | None
    reason: StockAdjustmentReason
    note: str | None = None


async def adjust_stock(
    session: AsyncSession, viewer: Viewer, adjustment: Adjustment, now: datetime
) -> UUID | None:
    """Returns the movement's id, or None when the count agrees with the books.

    Raises InsufficientStock when it would take away what is reserved or allocated.
    """
    organization_id = own_organization(viewer)
    _check_amounts(adjustment)
    note = check_optional_text(adjustment.note, "note", NOTE_LENGTH_MAX)
    places = {adjustment.warehouse_id: ("input", "warehouseId")}
    warehouses = await open_warehouses(session, organization_id, places)
    warehouse_id = warehouses[adjustment.warehouse_id].id
    items = await _lock_item(session, organization_id, adjustment, now)
    (item,) = items.values()
    delta = await _delta(session, item, warehouse_id, adjustment)
    if delta == 0:
        return None
    move = Move(item, warehouse_id, delta, StockMovementKind.ADJUSTMENT, reason=adjustment.reason, note=note)
    (movement_id,) = await move_goods(session, viewer, [move], now)
    await check_levels(session, items)
    await announce_low_stock(session, items, now)
    adjusted = StockAdjusted(
        subject=str(item.variant_id),
        occurred_at=now,
        organization_id=organization_id,
        warehouse_id=warehouse_id,
        quantity=delta,
        movement_id=movement_id,
        actor_id=viewer.user_id,
        reason=adjustment.reason.value,
    )
    await record_event(session, adjusted)
    return movement_id


def _check_amounts(adjustment: Adjustment) -> None:
    if (adjustment.delta is None) == (adjustment.counted is None):
        raise InvalidInput("Give `delta` or `counted`", field=["input", "delta"])
    if adjustment.delta is not None and not 1 <= abs(adjustment.delta) <= QUANTITY_MAX:
        raise InvalidInput(f"A difference is 1 to {QUANTITY_MAX}, up or down", field=["input", "delta"])
    if adjustment.counted is not None and not 0 <= adjustment.counted <= QUANTITY_MAX:
        raise InvalidInput(f"A count is 0 to {QUANTITY_MAX}", field=["input", "counted"])


async def _lock_item(
    session: AsyncSession, organization_id: UUID, adjustment: Adjustment, now: datetime
) -> Items:
    variant_id = read_id(adjustment.variant_id)
    if variant_id is None:
        raise InvalidInput("This is no variant's id", field=["input", "variantId"])
    if adjustment.product_id is not None:
        product_id = read_id(adjustment.product_id)
        if product_id is None:
            raise InvalidInput("This is no product's id", field=["input", "productId"])
        return await lock_or_make_stock(session, organization_id, {variant_id: product_id}, now)
    items = await lock_stock(session, organization_id, [variant_id], now)
    if not items:
        raise NotFound("A variant new to the stock needs its productId", field=["input", "variantId"])
    return items


async def _delta(
    session: AsyncSession, item: StockItemRow, warehouse_id: UUID, adjustment: Adjustment
) -> int:
    levels = await levels_of_items(session, [item.id])
    level = next((each for each in levels if each.warehouse_id == warehouse_id), None)
    on_hand, available = (level.on_hand, level.available) if level is not None else (0, 0)
    delta = adjustment.delta
    if adjustment.counted is not None:
        delta = adjustment.counted - on_hand
    assert delta is not None, "one of the two was given"
    if available + delta < 0:
        raise InsufficientStock(
            f"{available} are free to be taken away; the rest is held for orders",
            field=["input", "delta" if adjustment.counted is None else "counted"],
            variant_id=item.variant_id,
        )
    return delta
