"""What customers and staff are told of orders and stock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from subgraphs.kit.events.consumer import Consumer, EventContext
from subgraphs.notifications.consumers.locales import locale_of
from subgraphs.notifications.service.workflows.audiences import staff_with
from subgraphs.notifications.service.workflows.call_off import call_off
from subgraphs.notifications.service.workflows.catalogue import (
    ORDER_CANCELLED,
    ORDER_CONFIRMATION,
    ORDER_LOST,
    ORDER_RECEIVED,
    STOCK_LOW,
)
from subgraphs.notifications.service.workflows.start_workflow import Start, start_workflow

READ_ORDERS, READ_STOCK = "orders:read", "inventory:read"
BY_CUSTOMER = "CUSTOMER"


@dataclass(frozen=True, slots=True)
class Placed:
    """What is read of `order.placed`."""

    number: int
    customer_id: UUID | None
    total_minor: int
    currency: str
    locale: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What is read of `order.cancelled`."""

    number: int
    customer_id: UUID | None
    actor: str


@dataclass(frozen=True, slots=True)
class Low:
    """What is read of `stock.low`."""

    available: int
    threshold: int


async def confirm_order(context: EventContext, order: Placed) -> None:
    """Confirms an order to its customer, and tells the shop's staff."""
    start: dict[str, Any] = {
        "transaction_key": context.event.subject,
        "payload": {
            "order_id": context.event.subject,
            "number": order.number,
            "total_minor": order.total_minor,
            "currency": order.currency,
        },
        "organization_id": context.organization_id,
        "cause": f"order:{context.event.subject}",
    }
    if order.customer_id is not None:
        bought = Start(
            workflow=ORDER_CONFIRMATION,
            recipients=[order.customer_id],
            locale=locale_of(order.locale),
            **start,
        )
        await start_workflow(context.session, bought, context.now())
    staff = await staff_with(context.session, context.organization_id, READ_ORDERS)
    sold = Start(workflow=ORDER_RECEIVED, recipients=staff, **start)
    await start_workflow(context.session, sold, context.now())


async def cancel_order(context: EventContext, order: Cancelled) -> None:
    """Calls off what still waits about the order; tells its customer, and the staff when it was not them."""
    cause = f"order:{context.event.subject}"
    await call_off(context.session, cause, [ORDER_CONFIRMATION, ORDER_RECEIVED], context.now())
    start: dict[str, Any] = {
        "transaction_key": context.event.subject,
        "payload": {"order_id": context.event.subject, "number": order.number},
        "organization_id": context.organization_id,
        "cause": cause,
    }
    if order.customer_id is not None:
        told = Start(workflow=ORDER_CANCELLED, recipients=[order.customer_id], **start)
        await start_workflow(context.session, told, context.now())
    if order.actor == BY_CUSTOMER:
        staff = await staff_with(context.session, context.organization_id, READ_ORDERS)
        await start_workflow(
            context.session, Start(workflow=ORDER_LOST, recipients=staff, **start), context.now()
        )


async def warn_of_low_stock(context: EventContext, stock: Low) -> None:
    """Warns those who may see the stock; each crossing is an event of its own, so its id is the key."""
    start = Start(
        workflow=STOCK_LOW,
        transaction_key=str(context.event.id),
        recipients=await staff_with(context.session, context.organization_id, READ_STOCK),
        payload={
            "variant_id": context.event.subject,
            "available": stock.available,
            "threshold": stock.threshold,
        },
        organization_id=context.organization_id,
        cause=f"variant:{context.event.subject}",
    )
    await start_workflow(context.session, start, context.now())


SHOP = (
    Consumer("order_placed", on="order.placed", reads=Placed, handle=confirm_order),
    Consumer("order_cancelled", on="order.cancelled", reads=Cancelled, handle=cancel_order),
    Consumer("low_stock", on="stock.low", reads=Low, handle=warn_of_low_stock),
)
