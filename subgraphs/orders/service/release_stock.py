"""Giving an order's stock back, and noting that it was done."""

from __future__ import annotations

from subgraphs.orders.model.order_changes import swap_stock
from subgraphs.orders.peers.stock import StockClaim
from subgraphs.orders.service.saga import Saga
from subgraphs.orders.states import StockStep


async def release_stock(saga: Saga, claim: StockClaim) -> None:
    """Asks inventory for the release, which it makes once however often it is asked; raises TryAgain."""
    await saga.stock.release(claim)
    async with saga.database.transaction() as session:
        await swap_stock(session, claim.order_id, StockStep.RELEASING, StockStep.RELEASED, saga.clock.now())
