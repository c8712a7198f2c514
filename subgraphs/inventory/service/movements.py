"""Movements written, with who made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.level_queries import append_movements
from subgraphs.inventory.model.states import StockAdjustmentReason, StockMovementKind
from subgraphs.inventory.model.tables import StockItemRow
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Move:
    """Goods of one item that come to a warehouse (positive) or leave it (negative)."""

    item: StockItemRow
    warehouse_id: UUID
    quantity: int
    kind: StockMovementKind
    reference: str | None = None
    reason: StockAdjustmentReason | None = None
    note: str | None = None


async def move_goods(
    session: AsyncSession, viewer: Viewer, moves: Sequence[Move], now: datetime
) -> list[UUID]:
    """Writes a movement for each move and returns their ids; the items are locked by the caller."""
    ids = [new_id() for _ in moves]
    rows = [
        {
            "id": movement_id,
            "organization_id": move.item.organization_id,
            "stock_item_id": move.item.id,
            "warehouse_id": move.warehouse_id,
            "variant_id": move.item.variant_id,
            "kind": move.kind,
            "quantity": move.quantity,
            "reason": move.reason,
            "note": move.note,
            "reference": move.reference,
            "actor_id": viewer.user_id,
            "service": viewer.service,
            "occurred_at": now,
        }
        for movement_id, move in zip(ids, moves, strict=True)
    ]
    await append_movements(session, rows)
    return ids
