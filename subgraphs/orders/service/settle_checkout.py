"""Taking a pending order to its end, from wherever it stands: reserve, place or reject, commit.

Several may drive one order at once (a repeated request, the repair job): every step is a compare-and-swap,
and inventory answers a repeated call as the first one. Whoever finds the order dead after reserving for it
gives the stock back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import DomainError, Refusals
from subgraphs.kit.events.outbox import record_event
from subgraphs.orders.errors import CheckoutExpired, InsufficientStock, TryAgain
from subgraphs.orders.events import OrderPlaced, OrderRejected
from subgraphs.orders.model.cart_queries import reopen_cart
from subgraphs.orders.model.order_changes import add_event, read_order, swap_status, swap_stock, take_number
from subgraphs.orders.model.order_queries import lines_by_orders
from subgraphs.orders.model.tables import OrderRow
from subgraphs.orders.peers.stock import StockClaim
from subgraphs.orders.service.release_stock import release_stock
from subgraphs.orders.service.saga import Saga
from subgraphs.orders.states import DEAD, Actor, OrderStatus, StockStep

log = structlog.get_logger(__name__)


async def settle_checkout(saga: Saga, order_id: UUID) -> OrderRow:
    """Returns the order once it is placed; raises what it was rejected for, or TryAgain."""
    async with saga.database.transaction() as session:
        order = await read_order(session, order_id)
        claim = await read_claim(session, order)
    if order.status is OrderStatus.PENDING:
        shortages = await saga.stock.reserve(claim)
        order = await (_reject(saga, order_id, shortages) if shortages else _place(saga, claim))
    if order.stock is StockStep.RESERVED:
        await _commit(saga, claim)
    if order.status is OrderStatus.REJECTED:
        raise Refusals(_refusals_of(order))
    if order.status is OrderStatus.EXPIRED:
        raise CheckoutExpired("The checkout took too long; check out again with a new key")
    return order


async def read_claim(session: AsyncSession, order: OrderRow) -> StockClaim:
    """Returns what the order needs of inventory."""
    lines = (await lines_by_orders(session, [order.id]))[order.id]
    wanted = [(line.variant_id, line.quantity) for line in lines]
    return StockClaim(order.id, order.organization_id, order.customer_id, wanted)


async def commit_stock(saga: Saga, claim: StockClaim, *, attempt: str = "first") -> bool:
    """Returns whether the stock is the order's for good; False when the reservation is gone."""
    if not await saga.stock.commit(claim, attempt=attempt):
        return False
    now = saga.clock.now()
    async with saga.database.transaction() as session:
        committed = await swap_stock(session, claim.order_id, StockStep.RESERVED, StockStep.COMMITTED, now)
        order = await read_order(session, claim.order_id)
    if not committed and order.status in DEAD:
        # Cancelled while the commit was under way: what it allocated goes back.
        await saga.stock.release(claim)
    return True


async def _commit(saga: Saga, claim: StockClaim) -> None:
    try:
        committed = await commit_stock(saga, claim)
    except TryAgain:
        committed = False
    if not committed:
        # The customer has the order; the repair job gets the stock for it.
        log.warning("stock_not_committed", order_id=str(claim.order_id))


async def _place(saga: Saga, claim: StockClaim) -> OrderRow:
    now = saga.clock.now()
    async with saga.database.transaction() as session:
        number = await take_number(session, claim.organization_id)
        order = await swap_status(
            session,
            claim.order_id,
            OrderStatus.PENDING,
            OrderStatus.PLACED,
            number=number,
            placed_at=now,
            stock=StockStep.RESERVED,
            stock_changed_at=now,
        )
        if order is not None:
            await add_event(session, order.id, "PLACED", Actor.SYSTEM, now)
            await record_event(session, _placed(order, number, now))
        else:
            order = await read_order(session, claim.order_id)
    if order.status in DEAD:
        await release_stock(saga, claim)
    return order


def _placed(order: OrderRow, number: int, now: datetime) -> OrderPlaced:
    return OrderPlaced(
        subject=str(order.id),
        occurred_at=now,
        organization_id=order.organization_id,
        number=number,
        customer_id=order.customer_id,
        total_minor=order.total_minor,
        currency=order.currency,
        locale=order.locale.value,
    )


async def _reject(saga: Saga, order_id: UUID, shortages: Sequence[InsufficientStock]) -> OrderRow:
    now = saga.clock.now()
    rejection = [
        {"code": each.code, "message": each.message, "variantId": each.variant_id} for each in shortages
    ]
    async with saga.database.transaction() as session:
        order = await swap_status(
            session,
            order_id,
            OrderStatus.PENDING,
            OrderStatus.REJECTED,
            rejection=rejection,
            stock=StockStep.NONE,
            stock_changed_at=now,
        )
        if order is None:
            return await read_order(session, order_id)
        await reopen_cart(session, order.cart_id)
        codes = tuple(dict.fromkeys(each.code for each in shortages))
        await add_event(session, order_id, "REJECTED", Actor.SYSTEM, now, note=", ".join(codes))
        rejected = OrderRejected(
            subject=str(order_id),
            occurred_at=now,
            organization_id=order.organization_id,
            customer_id=order.customer_id,
            codes=codes,
        )
        await record_event(session, rejected)
    return order


def _refusals_of(order: OrderRow) -> Sequence[DomainError]:
    return [
        InsufficientStock(each["message"], variant_id=each["variantId"]) for each in order.rejection or ()
    ]
