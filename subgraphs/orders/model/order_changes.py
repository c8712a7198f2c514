"""SQL that changes orders: compare-and-swap on the status or the stock step, numbers, timeline entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.orders.model.tables import (
    FulfillmentLineRow,
    FulfillmentRow,
    OrderCounterRow,
    OrderEventRow,
    OrderLineRow,
    OrderRow,
)
from subgraphs.orders.states import Actor, FulfillmentStatus, OrderStatus, StockStep

FIRST_NUMBER = 1001


async def read_order(session: AsyncSession, order_id: UUID) -> OrderRow:
    """Returns the order as it is now, whoever asks; for use-cases that have checked who does."""
    statement = select(OrderRow).where(OrderRow.id == order_id).execution_options(populate_existing=True)
    return (await session.scalars(statement)).one()


async def lock_order(session: AsyncSession, order_id: UUID) -> OrderRow:
    """Returns the order as it is now, held until the transaction ends."""
    statement = (
        select(OrderRow)
        .where(OrderRow.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one()


async def swap_status(
    session: AsyncSession, order_id: UUID, before: OrderStatus, after: OrderStatus, **values: Any
) -> OrderRow | None:
    """Returns the order moved on, or None when it was not, or is no longer, in the state before."""
    statement = (
        update(OrderRow)
        .where(OrderRow.id == order_id, OrderRow.status == before)
        .values(status=after, version=OrderRow.version + 1, **values)
        .returning(OrderRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def swap_stock(
    session: AsyncSession,
    order_id: UUID,
    before: StockStep,
    after: StockStep,
    now: datetime,
    *,
    status: OrderStatus | None = None,
) -> bool:
    """Returns whether this call moved the stock step; with `status`, only while the order is in it."""
    conditions = [OrderRow.id == order_id, OrderRow.stock == before]
    if status is not None:
        conditions.append(OrderRow.status == status)
    statement = (
        update(OrderRow)
        .where(*conditions)
        # What inventory holds is not the client's to see: the version they hold stays good.
        .values(stock=after, stock_changed_at=now)
        .returning(OrderRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def take_number(session: AsyncSession, organization_id: UUID) -> int:
    """Returns the organization's next order number; others wait until this transaction ends."""
    statement = (
        upsert(OrderCounterRow)
        .values(organization_id=organization_id, last_number=FIRST_NUMBER)
        .on_conflict_do_update(
            index_elements=[OrderCounterRow.organization_id],
            set_={"last_number": OrderCounterRow.last_number + 1},
        )
        .returning(OrderCounterRow.last_number)
    )
    return (await session.execute(statement)).scalar_one()


async def add_event(
    session: AsyncSession, order_id: UUID, type_: str, actor: Actor, now: datetime, **values: Any
) -> None:
    """Adds an entry to the order's timeline; `values` may hold `actor_id` and `note`."""
    row = {"id": new_id(), "order_id": order_id, "type": type_, "actor": actor, "occurred_at": now, **values}
    await session.execute(insert(OrderEventRow), [row])


async def add_fulfilled(session: AsyncSession, line_id: UUID, quantity: int) -> bool:
    """Adds to what is fulfilled of a line; False when that would be more than was ordered."""
    statement = (
        update(OrderLineRow)
        .where(
            OrderLineRow.id == line_id,
            OrderLineRow.fulfilled_quantity + quantity <= OrderLineRow.quantity,
        )
        .values(fulfilled_quantity=OrderLineRow.fulfilled_quantity + quantity)
        .returning(OrderLineRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def count_pieces(session: AsyncSession, order_id: UUID) -> tuple[int, int]:
    """Returns how many pieces were ordered and how many stand in parcels."""
    statement = select(func.sum(OrderLineRow.quantity), func.sum(OrderLineRow.fulfilled_quantity)).where(
        OrderLineRow.order_id == order_id
    )
    ordered, fulfilled = (await session.execute(statement)).one()
    return int(ordered), int(fulfilled)


async def count_parcels(session: AsyncSession, order_id: UUID, statuses: Sequence[FulfillmentStatus]) -> int:
    """Returns how many of the order's parcels are in one of the states."""
    statement = select(func.count()).where(
        FulfillmentRow.order_id == order_id, FulfillmentRow.status.in_(statuses)
    )
    return await session.scalar(statement) or 0


async def find_parcel(
    session: AsyncSession, fulfillment_id: UUID, organization_id: UUID | None
) -> FulfillmentRow | None:
    """Returns the organization's parcel."""
    statement = select(FulfillmentRow).where(
        FulfillmentRow.id == fulfillment_id, FulfillmentRow.organization_id == organization_id
    )
    return (await session.scalars(statement)).one_or_none()


async def swap_parcel_status(
    session: AsyncSession, parcel_id: UUID, before: FulfillmentStatus, after: FulfillmentStatus, **values: Any
) -> FulfillmentRow | None:
    """Returns the parcel moved on, or None when it was not in the state before."""
    statement = (
        update(FulfillmentRow)
        .where(FulfillmentRow.id == parcel_id, FulfillmentRow.status == before)
        .values(status=after, version=FulfillmentRow.version + 1, **values)
        .returning(FulfillmentRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def parcel_lines(session: AsyncSession, parcel_id: UUID) -> Sequence[FulfillmentLineRow]:
    """Returns what the parcel holds, in the order lines are locked in."""
    statement = (
        select(FulfillmentLineRow)
        .where(FulfillmentLineRow.fulfillment_id == parcel_id)
        .order_by(FulfillmentLineRow.order_line_id)
    )
    return (await session.scalars(statement)).all()
