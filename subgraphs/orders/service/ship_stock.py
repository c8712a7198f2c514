"""Booking an order's stock out when the last of its parcels has left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.orders.model.order_changes import count_parcels, swap_stock
from subgraphs.orders.model.tables import OrderRow
from subgraphs.orders.peers.stock import StockClaim
from subgraphs.orders.service.saga import Saga
from subgraphs.orders.states import FulfillmentProgress, FulfillmentStatus, StockStep


async def demand_shipping(session: AsyncSession, order: OrderRow, now: datetime) -> bool:
    """Makes the booking due once every piece of the locked order has left; says whether it is.

    Inventory lets an order's stock go as a whole, so a first parcel of several books nothing yet.
    """
    if order.fulfillment_status is not FulfillmentProgress.FULFILLED:
        return False
    if await count_parcels(session, order.id, [FulfillmentStatus.PREPARING]):
        return False
    return await swap_stock(session, order.id, StockStep.COMMITTED, StockStep.SHIPPING, now)


async def ship_stock(saga: Saga, claim: StockClaim) -> None:
    """Asks inventory for the booking, which it makes once however often it is asked; raises TryAgain."""
    await saga.stock.ship(claim)
    async with saga.database.transaction() as session:
        await swap_stock(session, claim.order_id, StockStep.SHIPPING, StockStep.SHIPPED, saga.clock.now())
