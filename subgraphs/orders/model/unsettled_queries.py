"""SQL that finds orders whose stock has stood between two steps for too long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.orders.model.tables import OrderRow
from subgraphs.orders.states import DEAD, OrderStatus, StockStep


async def unsettled_order_ids(
    session: AsyncSession, statuses: Sequence[OrderStatus], stock: StockStep, before: datetime, limit: int
) -> Sequence[UUID]:
    """Returns orders in one of the states whose stock step has not moved since, the longest waiting first."""
    statement = (
        select(OrderRow.id)
        .where(OrderRow.status.in_(statuses), OrderRow.stock == stock, OrderRow.stock_changed_at <= before)
        .order_by(OrderRow.stock_changed_at)
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def demand_release_of_dead(session: AsyncSession, before: datetime, now: datetime) -> None:
    """Makes the release due for dead orders for which a reservation was being asked when all stopped."""
    statement = (
        update(OrderRow)
        .where(
            OrderRow.status.in_(DEAD),
            OrderRow.stock.in_([StockStep.RESERVING, StockStep.RESERVED]),
            OrderRow.stock_changed_at <= before,
        )
        .values(stock=StockStep.RELEASING, stock_changed_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)
