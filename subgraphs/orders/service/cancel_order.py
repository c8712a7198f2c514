"""Calling an order off and giving its stock back once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.idempotency import IdempotentRequest, once
from subgraphs.orders.errors import AlreadyFulfilled, TryAgain
from subgraphs.orders.events import OrderCancelled
from subgraphs.orders.model.order_changes import add_event, count_parcels, read_order, swap_status
from subgraphs.orders.model.tables import OrderRow
from subgraphs.orders.service.cart_secrets import hash_secret
from subgraphs.orders.service.own_order import OrderReference, lock_own_order
from subgraphs.orders.service.release_stock import release_stock
from subgraphs.orders.service.saga import Saga
from subgraphs.orders.service.settle_checkout import read_claim
from subgraphs.orders.states import Actor, FulfillmentStatus, OrderStatus, StockStep

REASON_LENGTH_MAX = 500
_MADE = (FulfillmentStatus.PREPARING, FulfillmentStatus.SHIPPED, FulfillmentStatus.DELIVERED)
# A step that may still be in flight is left to the repair job, which waits until it cannot be any more.
_NEXT_STEP = {StockStep.RESERVED: StockStep.RELEASING, StockStep.COMMITTED: StockStep.RELEASING}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Which order, why, and under which key."""

    order: OrderReference
    reason: str | None
    idempotency_key: str
    body: Any


async def cancel_order(saga: Saga, viewer: Viewer, cancellation: Cancellation) -> OrderRow:
    """Returns the cancelled order; its stock is back, or will be when inventory answers again."""
    if len(cancellation.reason or "") > REASON_LENGTH_MAX:
        raise InvalidInput(f"A reason has at most {REASON_LENGTH_MAX} characters", field=["input", "reason"])
    request = _request_of(viewer, cancellation)
    async with saga.database.transaction() as session:

        async def effect() -> str:
            order, actor = await lock_own_order(session, viewer, cancellation.order, OrderStatus.CANCELLED)
            if await count_parcels(session, order.id, _MADE):
                raise AlreadyFulfilled("Parcels were made of this order; cancel those first")
            now = saga.clock.now()
            await mark_cancelled(session, order, actor, cancellation.reason, now, actor_id=viewer.user_id)
            return str(order.id)

        order_id = UUID(await once(session, request, effect))
        order = await read_order(session, order_id)
        claim = await read_claim(session, order)
    if order.stock is StockStep.RELEASING:
        try:
            await release_stock(saga, claim)
        except TryAgain:
            log.warning("stock_not_released", order_id=str(order_id))
    return order


def _request_of(viewer: Viewer, cancellation: Cancellation) -> IdempotentRequest:
    request = IdempotentRequest.of(viewer, "orderCancel", cancellation.idempotency_key, cancellation.body)
    secret_hash = hash_secret(cancellation.order.secret)
    if viewer.user_id is None and secret_hash is not None:
        return replace(request, scope=f"guest:{secret_hash.hex()}/orderCancel")
    return request


async def mark_cancelled(
    session: AsyncSession,
    order: OrderRow,
    actor: Actor,
    reason: str | None,
    now: datetime,
    *,
    actor_id: UUID | None = None,
) -> bool:
    """Cancels the order and makes the release of its stock due; False when its status moved meanwhile."""
    cancelled = await swap_status(
        session,
        order.id,
        order.status,
        OrderStatus.CANCELLED,
        cancel_reason=reason,
        cancelled_at=now,
        stock=_NEXT_STEP.get(order.stock, order.stock),
        stock_changed_at=now,
    )
    if cancelled is None:
        return False
    assert cancelled.number is not None, "only placed orders are cancelled"
    await add_event(session, cancelled.id, "CANCELLED", actor, now, actor_id=actor_id, note=reason)
    event = OrderCancelled(
        subject=str(cancelled.id),
        occurred_at=now,
        organization_id=cancelled.organization_id,
        number=cancelled.number,
        customer_id=cancelled.customer_id,
        actor=actor.value,
        reason=reason,
    )
    await record_event(session, event)
    return True
