"""SQL over levels and movements. Callers hold the locks of the items concerned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.arrays import ID, NUMBER, rows_of
from subgraphs.inventory.model.states import Hold
from subgraphs.inventory.model.tables import (
    IS_ACTIVE,
    IS_RESERVED,
    ReservationLineRow,
    ReservationRow,
    StockLevelRow,
    StockMovementRow,
    WarehouseRow,
)
from subgraphs.kit.ids import new_id

Place = tuple[UUID, UUID]
"""An item in a warehouse: (stock_item_id, warehouse_id)."""


@dataclass(frozen=True, slots=True)
class Level:
    """One item's stock in one warehouse, as it stands under the lock."""

    stock_item_id: UUID
    warehouse_id: UUID
    priority: int
    on_hand: int
    available: int

    @property
    def place(self) -> Place:
        """Which item, where."""
        return self.stock_item_id, self.warehouse_id


async def free_lapsed_holds(session: AsyncSession, item_ids: Collection[UUID], now: datetime) -> None:
    """Takes lapsed reservations out of the items' levels, so that the levels say what is true at `now`."""
    lapsed = (
        update(ReservationLineRow)
        .where(
            ReservationLineRow.stock_item_id.in_(item_ids),
            IS_RESERVED,
            ReservationLineRow.reservation_id == ReservationRow.id,
            IS_ACTIVE,
            ReservationRow.expires_at <= now,
        )
        .values(hold=Hold.NONE)
        .returning(
            ReservationLineRow.stock_item_id, ReservationLineRow.warehouse_id, ReservationLineRow.quantity
        )
        .cte("lapsed")
    )
    freed = (
        select(lapsed.c.stock_item_id, lapsed.c.warehouse_id, func.sum(lapsed.c.quantity).label("quantity"))
        .group_by(lapsed.c.stock_item_id, lapsed.c.warehouse_id)
        .subquery("freed")
    )
    statement = (
        update(StockLevelRow)
        .where(
            StockLevelRow.stock_item_id == freed.c.stock_item_id,
            StockLevelRow.warehouse_id == freed.c.warehouse_id,
        )
        .values(reserved=StockLevelRow.reserved - freed.c.quantity)
    )
    await session.execute(statement, execution_options={"synchronize_session": False})


async def levels_of_items(session: AsyncSession, item_ids: Collection[UUID]) -> Sequence[Level]:
    """Returns every level of the items."""
    statement = (
        select(
            StockLevelRow.stock_item_id,
            StockLevelRow.warehouse_id,
            WarehouseRow.priority,
            StockLevelRow.on_hand,
            StockLevelRow.on_hand - StockLevelRow.reserved - StockLevelRow.allocated,
        )
        .join(WarehouseRow, WarehouseRow.id == StockLevelRow.warehouse_id)
        .where(StockLevelRow.stock_item_id.in_(item_ids))
    )
    return [Level(*row) for row in await session.execute(statement)]


async def change_holds(
    session: AsyncSession,
    *,
    reserved: Mapping[Place, int] | None = None,
    allocated: Mapping[Place, int] | None = None,
) -> None:
    """Adds to what is reserved and allocated in each place; the table refuses more than is on hand."""
    reserved, allocated = reserved or {}, allocated or {}
    places = sorted(reserved.keys() | allocated.keys())
    if not places:
        return
    rows = [(*place, reserved.get(place, 0), allocated.get(place, 0)) for place in places]
    given = rows_of(rows, "given", item_id=ID, warehouse_id=ID, reserved=NUMBER, allocated=NUMBER)
    statement = (
        update(StockLevelRow)
        .where(
            StockLevelRow.stock_item_id == given.c.item_id, StockLevelRow.warehouse_id == given.c.warehouse_id
        )
        .values(
            reserved=StockLevelRow.reserved + given.c.reserved,
            allocated=StockLevelRow.allocated + given.c.allocated,
        )
    )
    await session.execute(statement, execution_options={"synchronize_session": False})


async def append_movements(session: AsyncSession, movements: Sequence[Mapping[str, Any]]) -> None:
    """Writes the movements (rows of StockMovementRow) and adds them to the levels."""
    if not movements:
        return
    change: Counter[Place] = Counter()
    variant_of: dict[UUID, UUID] = {}
    for movement in movements:
        change[movement["stock_item_id"], movement["warehouse_id"]] += movement["quantity"]
        variant_of[movement["stock_item_id"]] = movement["variant_id"]
    await _ensure_levels(session, movements[0]["organization_id"], change, variant_of)
    await session.execute(insert(StockMovementRow), [dict(movement) for movement in movements])
    given = rows_of(
        [(*place, quantity) for place, quantity in sorted(change.items())],
        "given",
        item_id=ID,
        warehouse_id=ID,
        quantity=NUMBER,
    )
    statement = (
        update(StockLevelRow)
        .where(
            StockLevelRow.stock_item_id == given.c.item_id, StockLevelRow.warehouse_id == given.c.warehouse_id
        )
        .values(on_hand=StockLevelRow.on_hand + given.c.quantity)
    )
    await session.execute(statement, execution_options={"synchronize_session": False})


async def _ensure_levels(
    session: AsyncSession, organization_id: UUID, places: Iterable[Place], variant_of: Mapping[UUID, UUID]
) -> None:
    rows = [(new_id(), organization_id, *place, variant_of[place[0]]) for place in sorted(places)]
    columns = dict.fromkeys(("id", "organization_id", "stock_item_id", "warehouse_id", "variant_id"), ID)
    given = rows_of(rows, "given", **columns)
    source = select(*[given.c[name] for name in columns])
    await session.execute(upsert(StockLevelRow).from_select(list(columns), source).on_conflict_do_nothing())
