"""What the mutations of orders answer, and its codes of refusal."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from subgraphs.kit.user_errors import UserError
from subgraphs.orders.schema.order_parts import Fulfillment
from subgraphs.orders.schema.types import Cart, Order


@strawberry.enum
class OrdersErrorCode(Enum):
    CART_EXPIRED = "CART_EXPIRED"
    CART_CHECKED_OUT = "CART_CHECKED_OUT"
    CART_EMPTY = "CART_EMPTY"
    DIFFERENT_SELLER = "DIFFERENT_SELLER"
    NOT_PURCHASABLE = "NOT_PURCHASABLE"
    PRICE_CHANGED = "PRICE_CHANGED"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    CHECKOUT_EXPIRED = "CHECKOUT_EXPIRED"
    TRY_AGAIN = "TRY_AGAIN"
    ILLEGAL_TRANSITION = "ILLEGAL_TRANSITION"
    STOCK_NOT_COMMITTED = "STOCK_NOT_COMMITTED"
    ALREADY_FULFILLED = "ALREADY_FULFILLED"
    NOT_FULFILLED = "NOT_FULFILLED"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_INPUT = "INVALID_INPUT"
    NOT_ALLOWED = "NOT_ALLOWED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"


@strawberry.type
class OrdersError(UserError):
    code: OrdersErrorCode
    variant_id: strawberry.ID | None = strawberry.field(
        default=None, description="The variant concerned, where it is one."
    )


def _user_errors() -> Any:
    return strawberry.field(default_factory=list)


@strawberry.type
class CartCreatePayload:
    cart: Cart | None = None
    secret: str | None = strawberry.field(
        default=None, description="For a guest, who shows it with every later call. Never shown again."
    )
    user_errors: list[OrdersError] = _user_errors()


@strawberry.type
class CartPayload:
    cart: Cart | None = None
    user_errors: list[OrdersError] = _user_errors()


@strawberry.type
class CheckoutPayload:
    order: Order | None = None
    user_errors: list[OrdersError] = _user_errors()


@strawberry.type
class OrderPayload:
    order: Order | None = None
    user_errors: list[OrdersError] = _user_errors()


@strawberry.type
class FulfillmentPayload:
    fulfillment: Fulfillment | None = None
    order: Order | None = None
    user_errors: list[OrdersError] = _user_errors()
