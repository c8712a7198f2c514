"""Sending goods from one warehouse to another: the first leg.

What is sent has left one warehouse and is in no other: nobody can buy it until it has arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import InsufficientStock
from subgraphs.inventory.events import TransferSent
from subgraphs.inventory.model.item_queries import Items
from subgraphs.inventory.model.level_queries import levels_of_items
from subgraphs.inventory.model.states import StockMovementKind, StockTransferStatus
from subgraphs.inventory.model.tables import StockTransferRow
from subgraphs.inventory.model.transfer_queries import insert_lines
from subgraphs.inventory.service.acting import own_organization
from subgraphs.inventory.service.amounts import NOTE_LENGTH_MAX, Line, check_optional_text, merge_lines
from subgraphs.inventory.service.holds import told
from subgraphs.inventory.service.locked_stock import announce_low_stock, lock_stock
from subgraphs.inventory.service.movements import Move, move_goods
from subgraphs.inventory.service.open_warehouses import open_warehouses
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, Refusals
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """What shall go where."""

    from_warehouse_id: str
    to_warehouse_id: str
    lines: Sequence[Line]
    note: str | None = None


async def send_transfer(
    session: AsyncSession, viewer: Viewer, draft: TransferDraft, now: datetime
) -> StockTransferRow:
    """Returns the transfer, on its way with all lines; raises and sends nothing otherwise."""
    organization_id = own_organization(viewer)
    amounts = merge_lines(draft.lines)
    row = await _start(session, organization_id, draft)
    items = await lock_stock(session, organization_id, amounts.keys(), now)
    await _check_available(session, items, row.from_warehouse_id, amounts)
    moves = [
        Move(
            items[variant_id],
            row.from_warehouse_id,
            -quantity,
            StockMovementKind.TRANSFER_OUT,
            reference=str(row.id),
        )
        for variant_id, quantity in sorted(amounts.items())
    ]
    await move_goods(session, viewer, moves, now)
    await insert_lines(session, row.id, [(move.item, -move.quantity) for move in moves])
    await announce_low_stock(session, items, now)
    sent = TransferSent(
        subject=str(row.id),
        occurred_at=now,
        organization_id=organization_id,
        from_warehouse_id=row.from_warehouse_id,
        to_warehouse_id=row.to_warehouse_id,
        lines=told(amounts),
        actor_id=viewer.user_id,
    )
    await record_event(session, sent)
    return row


async def _start(session: AsyncSession, organization_id: UUID, draft: TransferDraft) -> StockTransferRow:
    places = {
        draft.from_warehouse_id: ("input", "fromWarehouseId"),
        draft.to_warehouse_id: ("input", "toWarehouseId"),
    }
    warehouses = await open_warehouses(session, organization_id, places)
    origin, destination = warehouses[draft.from_warehouse_id], warehouses[draft.to_warehouse_id]
    if origin.id == destination.id:
        raise InvalidInput("The goods are there already", field=["input", "toWarehouseId"])
    row = StockTransferRow(
        id=new_id(),
        organization_id=organization_id,
        from_warehouse_id=origin.id,
        to_warehouse_id=destination.id,
        status=StockTransferStatus.IN_TRANSIT,
        note=check_optional_text(draft.note, "note", NOTE_LENGTH_MAX),
    )
    session.add(row)
    await session.flush()
    return row


async def _check_available(
    session: AsyncSession, items: Items, warehouse_id: UUID, amounts: Mapping[UUID, int]
) -> None:
    levels = await levels_of_items(session, [item.id for item in items.values()])
    available = {
        level.stock_item_id: level.available for level in levels if level.warehouse_id == warehouse_id
    }
    short: list[InsufficientStock] = []
    for variant_id, quantity in sorted(amounts.items()):
        found = available.get(items[variant_id].id, 0) if variant_id in items else 0
        if found < quantity:
            message = f"{quantity} to be sent, {found} available there"
            short.append(InsufficientStock(message, field=["input", "lines"], variant_id=variant_id))
    if short:
        raise Refusals(short)
