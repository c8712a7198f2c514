"""Writing down, in one transaction, what a cart is about to become.

Totals: a line is its unit price times its quantity, in whole minor units, so nothing is ever rounded; the
subtotal is the sum of the lines, and the total is subtotal + shipping - discount, which the table checks too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id
from subgraphs.kit.locales import Locale
from subgraphs.kit.money import Money, total_of
from subgraphs.orders.events import OrderRequested
from subgraphs.orders.model.order_changes import add_event
from subgraphs.orders.model.tables import CartLineRow, CartRow, OrderLineRow, OrderRow
from subgraphs.orders.peers.catalogue import Offer
from subgraphs.orders.service.addresses import Address
from subgraphs.orders.states import (
    Actor,
    AuthorizeStatus,
    CartStatus,
    ChargeStatus,
    FulfillmentProgress,
    OrderStatus,
    PaymentMethod,
    StockStep,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the customer says beside what is in the cart."""

    address: Address
    payment_method: PaymentMethod
    locale: Locale


def subtotal_of(lines: Sequence[CartLineRow], offers: Mapping[UUID, Offer]) -> Money:
    """Returns what the lines cost at the offers' prices."""
    currency = offers[lines[0].variant_id].price.currency
    return total_of((offers[line.variant_id].price.times(line.quantity) for line in lines), currency)


async def draft_order(
    session: AsyncSession,
    cart: CartRow,
    lines: Sequence[CartLineRow],
    offers: Mapping[UUID, Offer],
    terms: Terms,
    now: datetime,
) -> OrderRow:
    """Returns the pending order with everything it promises; the cart is closed meanwhile."""
    order = _order_of(cart, subtotal_of(lines, offers), terms, now)
    session.add(order)
    await session.flush()
    session.add_all(
        _line_of(order.id, position, line, offers[line.variant_id])
        for position, line in enumerate(lines, start=1)
    )
    cart.status = CartStatus.CHECKED_OUT
    await session.flush()
    await add_event(session, order.id, "REQUESTED", Actor.CUSTOMER, now, actor_id=order.customer_id)
    requested = OrderRequested(
        subject=str(order.id),
        occurred_at=now,
        organization_id=order.organization_id,
        customer_id=order.customer_id,
        total_minor=order.total_minor,
        currency=order.currency,
    )
    await record_event(session, requested)
    return order


def _order_of(cart: CartRow, subtotal: Money, terms: Terms, now: datetime) -> OrderRow:
    assert cart.organization_id is not None, "the first line settled the seller"
    return OrderRow(
        id=new_id(),
        organization_id=cart.organization_id,
        cart_id=cart.id,
        customer_id=cart.customer_id,
        secret_hash=cart.secret_hash,
        status=OrderStatus.PENDING,
        authorize_status=AuthorizeStatus.NONE,
        charge_status=ChargeStatus.NOT_CHARGED,
        fulfillment_status=FulfillmentProgress.UNFULFILLED,
        # Said before the call, so that a crash during it leaves a trace.
        stock=StockStep.RESERVING,
        stock_changed_at=now,
        payment_method=terms.payment_method,
        locale=terms.locale,
        currency=subtotal.currency,
        subtotal_minor=subtotal.minor,
        shipping_minor=0,
        discount_minor=0,
        total_minor=subtotal.minor,
        created_at=now,
        updated_at=now,
        **terms.address.snapshot(),
    )


def _line_of(order_id: UUID, position: int, line: CartLineRow, offer: Offer) -> OrderLineRow:
    return OrderLineRow(
        order_id=order_id,
        position=position,
        variant_id=line.variant_id,
        product_id=offer.product_id,
        sku=offer.sku,
        product_name=offer.product_name,
        variant_name=offer.name,
        quantity=line.quantity,
        fulfilled_quantity=0,
        unit_price_minor=offer.price.minor,
        total_minor=offer.price.times(line.quantity).minor,
    )
