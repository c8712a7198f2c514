"""The states of orders, made known to the API; the schema imports them from here."""

from __future__ import annotations

import strawberry

from subgraphs.orders.states import (
    Actor,
    AuthorizeStatus,
    CartStatus,
    ChargeStatus,
    FulfillmentProgress,
    FulfillmentStatus,
    OrderStatus,
    PaymentMethod,
)

__all__ = [
    "Actor",
    "AuthorizeStatus",
    "CartStatus",
    "ChargeStatus",
    "FulfillmentProgress",
    "FulfillmentStatus",
    "OrderStatus",
    "PaymentMethod",
]

# Strawberry marks the class itself and returns it, so the names above stay types.
strawberry.enum(Actor, name="OrderActor", description="Who does something to an order.")
strawberry.enum(AuthorizeStatus, description="How much of the total a payer has agreed to.")
strawberry.enum(CartStatus, description="Whether a cart can still be changed.")
strawberry.enum(ChargeStatus, description="How much of the total was received.")
strawberry.enum(FulfillmentProgress, description="How much of an order stands in parcels.")
strawberry.enum(FulfillmentStatus, description="Where a parcel is.")
strawberry.enum(OrderStatus, description="How far an order has come; says nothing of money or parcels.")
strawberry.enum(PaymentMethod, description="How the customer pays.")
