"""Finishing what a crash left half done, from the stock step each order bears.

| found                                | done                                                            |
|--------------------------------------|-----------------------------------------------------------------|
| PENDING for longer than a call lasts | expired, its cart opened; its stock is released                 |
| placed, stock RESERVED               | committed; if the reservation is gone, reserved anew first      |
| placed, stock RESERVING              | the reservation anew broke off: it is tried again               |
| dead, stock RESERVING or RESERVED    | released                                                        |
| stock RELEASING                      | released                                                        |
| stock SHIPPING                       | booked out                                                      |

Each order is a case of its own: when inventory gives no answer for one, the others go on, and the next run
takes it up again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from subgraphs.kit.errors import DomainError
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id
from subgraphs.orders.errors import TryAgain
from subgraphs.orders.events import OrderExpired
from subgraphs.orders.model.cart_queries import reopen_cart
from subgraphs.orders.model.order_changes import add_event, lock_order, read_order, swap_status, swap_stock
from subgraphs.orders.model.tables import OrderRow
from subgraphs.orders.model.unsettled_queries import demand_release_of_dead, unsettled_order_ids
from subgraphs.orders.peers.stock import StockClaim
from subgraphs.orders.service.cancel_order import mark_cancelled
from subgraphs.orders.service.release_stock import release_stock
from subgraphs.orders.service.saga import Saga
from subgraphs.orders.service.settle_checkout import commit_stock, read_claim
from subgraphs.orders.service.ship_stock import ship_stock
from subgraphs.orders.states import Actor, OrderStatus, StockStep

# Longer than any call to the graph can last, so that nobody is still at work on what is taken over.
CALL_OVER_AFTER = timedelta(minutes=2)
# A request in good health commits or releases within a second.
STEP_DUE_AFTER = timedelta(seconds=30)
BATCH_MAX = 100

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Reconciled:
    """What one run did."""

    expired: int = 0
    committed: int = 0
    cancelled: int = 0
    released: int = 0
    shipped: int = 0
    failed: int = 0


async def reconcile_checkouts(saga: Saga) -> Reconciled:
    """Takes up to a batch of every kind of unfinished order one step further, or to its end."""
    done = Reconciled()
    pending = await _find(saga, [OrderStatus.PENDING], StockStep.RESERVING, CALL_OVER_AFTER)
    await _each(saga, pending, _expire, done)
    reserved = await _find(saga, [OrderStatus.PLACED], StockStep.RESERVED, STEP_DUE_AFTER)
    await _each(saga, reserved, _commit, done)
    broken_off = await _find(saga, [OrderStatus.PLACED], StockStep.RESERVING, CALL_OVER_AFTER)
    await _each(saga, broken_off, _reserve_anew, done)
    async with saga.database.transaction() as session:
        now = saga.clock.now()
        await demand_release_of_dead(session, now - CALL_OVER_AFTER, now)
    releasing = await _find(saga, list(OrderStatus), StockStep.RELEASING, timedelta())
    await _each(saga, releasing, _release, done)
    shipping = await _find(saga, list(OrderStatus), StockStep.SHIPPING, STEP_DUE_AFTER)
    await _each(saga, shipping, _ship, done)
    return done


async def _find(
    saga: Saga, statuses: Sequence[OrderStatus], stock: StockStep, age: timedelta
) -> Sequence[UUID]:
    async with saga.database.transaction() as session:
        before = saga.clock.now() - age
        return await unsettled_order_ids(session, statuses, stock, before, BATCH_MAX)


async def _each(
    saga: Saga,
    order_ids: Sequence[UUID],
    repair: Callable[[Saga, UUID, Reconciled], Awaitable[None]],
    done: Reconciled,
) -> None:
    for order_id in order_ids:
        try:
            await repair(saga, order_id, done)
        except DomainError as refusal:
            done.failed += 1
            log.warning("checkout_not_reconciled", order_id=str(order_id), reason=refusal.message)


async def _read(saga: Saga, order_id: UUID) -> tuple[OrderRow, StockClaim]:
    async with saga.database.transaction() as session:
        order = await read_order(session, order_id)
        return order, await read_claim(session, order)


async def _expire(saga: Saga, order_id: UUID, done: Reconciled) -> None:
    now = saga.clock.now()
    async with saga.database.transaction() as session:
        order = await swap_status(
            session,
            order_id,
            OrderStatus.PENDING,
            OrderStatus.EXPIRED,
            stock=StockStep.RELEASING,
            stock_changed_at=now,
        )
        if order is None:
            return
        await reopen_cart(session, order.cart_id)
        await add_event(session, order_id, "EXPIRED", Actor.SYSTEM, now)
        expired = OrderExpired(
            subject=str(order_id),
            occurred_at=now,
            organization_id=order.organization_id,
            customer_id=order.customer_id,
        )
        await record_event(session, expired)
    done.expired += 1


async def _commit(saga: Saga, order_id: UUID, done: Reconciled) -> None:
    _, claim = await _read(saga, order_id)
    if await commit_stock(saga, claim):
        done.committed += 1
        return
    now = saga.clock.now()
    async with saga.database.transaction() as session:
        # Said before the call, as at the checkout; and not for an order cancelled this very moment.
        lapsed = await swap_stock(
            session, order_id, StockStep.RESERVED, StockStep.RESERVING, now, status=OrderStatus.PLACED
        )
    if lapsed:
        await _reserve_anew(saga, order_id, done)


async def _reserve_anew(saga: Saga, order_id: UUID, done: Reconciled) -> None:
    _, claim = await _read(saga, order_id)
    attempt = str(new_id())
    if await saga.stock.reserve(claim, attempt=attempt):
        await _cancel_for_want_of_stock(saga, order_id, done)
        return
    async with saga.database.transaction() as session:
        held = await swap_stock(
            session,
            order_id,
            StockStep.RESERVING,
            StockStep.RESERVED,
            saga.clock.now(),
            status=OrderStatus.PLACED,
        )
    if not held:
        await release_stock(saga, claim)
    elif await commit_stock(saga, claim, attempt=attempt):
        done.committed += 1
    else:
        raise TryAgain("Reserved anew, yet not to be committed")


async def _cancel_for_want_of_stock(saga: Saga, order_id: UUID, done: Reconciled) -> None:
    now = saga.clock.now()
    async with saga.database.transaction() as session:
        order = await lock_order(session, order_id)
        if order.status is not OrderStatus.PLACED:
            return
        order.stock, order.stock_changed_at = StockStep.NONE, now
        await session.flush()
        await mark_cancelled(session, order, Actor.SYSTEM, "OUT_OF_STOCK", now)
    done.cancelled += 1


async def _release(saga: Saga, order_id: UUID, done: Reconciled) -> None:
    _, claim = await _read(saga, order_id)
    await release_stock(saga, claim)
    done.released += 1


async def _ship(saga: Saga, order_id: UUID, done: Reconciled) -> None:
    _, claim = await _read(saga, order_id)
    await ship_stock(saga, claim)
    done.shipped += 1
