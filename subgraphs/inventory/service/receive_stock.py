"""Goods that come in: one receipt, or hundreds at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.events import StockReceived
from subgraphs.inventory.model.item_queries import Items
from subgraphs.inventory.model.level_queries import levels_of_items
from subgraphs.inventory.model.states import StockMovementKind
from subgraphs.inventory.service.acting import own_organization
from subgraphs.inventory.service.amounts import (
    LEVEL_MAX,
    REFERENCE_LENGTH_MAX,
    check_optional_text,
    quantity_fault,
)
from subgraphs.inventory.service.locked_stock import announce_low_stock, lock_or_make_stock
from subgraphs.inventory.service.movements import Move, move_goods
from subgraphs.inventory.service.open_warehouses import open_warehouses
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import DomainError, InvalidInput, Refusals
from subgraphs.kit.events.outbox import record_events
from subgraphs.kit.ids import read_id

ROWS_MAX = 500


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """So many of a variant for a warehouse."""

    warehouse_id: str
    variant_id: str
    product_id: str
    quantity: int
    place: tuple[str, ...]
    """Where the row stands in the input."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery: its rows and the document that came with it."""

    rows: Sequence[ReceiptRow]
    reference: str | None = None
    is_return: bool = False


async def receive_stock(session: AsyncSession, viewer: Viewer, receipt: Receipt, now: datetime) -> list[UUID]:
    """Returns the movements' ids in the order of the rows; all rows are received, or none."""
    organization_id = own_organization(viewer)
    reference = check_optional_text(receipt.reference, "reference", REFERENCE_LENGTH_MAX)
    variants = _check_rows(receipt.rows)
    places = {row.warehouse_id: (*row.place, "warehouseId") for row in receipt.rows}
    warehouses = await open_warehouses(session, organization_id, places)
    product_of = dict(variants)
    items = await lock_or_make_stock(session, organization_id, product_of, now)
    kind = StockMovementKind.RETURN if receipt.is_return else StockMovementKind.RECEIPT
    moves = [
        Move(items[variant_id], warehouses[row.warehouse_id].id, row.quantity, kind, reference)
        for row, (variant_id, _) in zip(receipt.rows, variants, strict=True)
    ]
    movement_ids = await move_goods(session, viewer, moves, now)
    await check_levels(session, items)
    await announce_low_stock(session, items, now)
    events = [
        StockReceived(
            subject=str(move.item.variant_id),
            occurred_at=now,
            organization_id=organization_id,
            warehouse_id=move.warehouse_id,
            quantity=move.quantity,
            movement_id=movement_id,
            actor_id=viewer.user_id,
        )
        for movement_id, move in zip(movement_ids, moves, strict=True)
    ]
    await record_events(session, *events)
    return movement_ids


async def check_levels(session: AsyncSession, items: Items) -> None:
    """Raises InvalidInput when a level has grown beyond what the API can say."""
    levels = await levels_of_items(session, [item.id for item in items.values()])
    if any(level.on_hand > LEVEL_MAX for level in levels):
        raise InvalidInput(f"A warehouse holds at most {LEVEL_MAX} of a variant", field=["input"])


def _check_rows(rows: Sequence[ReceiptRow]) -> list[tuple[UUID, UUID]]:
    """Returns each row's variant and product, or raises the faults of all rows together."""
    if not 1 <= len(rows) <= ROWS_MAX:
        raise InvalidInput(f"Give 1 to {ROWS_MAX} rows", field=["input", "rows"])
    faults: list[DomainError] = []
    checked: list[tuple[UUID, UUID]] = []
    product_of: dict[UUID, UUID] = {}
    for row in rows:
        try:
            checked.append(_check_row(row, product_of))
        except InvalidInput as fault:
            faults.append(fault)
    if faults:
        raise Refusals(faults)
    return checked


def _check_row(row: ReceiptRow, product_of: dict[UUID, UUID]) -> tuple[UUID, UUID]:
    variant_id, product_id = read_id(row.variant_id), read_id(row.product_id)
    if variant_id is None:
        raise InvalidInput("This is no variant's id", field=[*row.place, "variantId"])
    if product_id is None:
        raise InvalidInput("This is no product's id", field=[*row.place, "productId"])
    if fault := quantity_fault(row.quantity, [*row.place, "quantity"]):
        raise fault
    if product_of.setdefault(variant_id, product_id) != product_id:
        raise InvalidInput("The variant has another product above", field=[*row.place, "productId"])
    return variant_id, product_id
