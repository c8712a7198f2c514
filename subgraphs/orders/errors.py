"""What orders refuses, each with its code.

DomainError
├── CartExpired            CART_EXPIRED
├── CartCheckedOut         CART_CHECKED_OUT        an order of this cart exists, or is just being made
├── CartEmpty              CART_EMPTY
├── DifferentSeller        DIFFERENT_SELLER        a cart buys from one organization
├── NotPurchasable         NOT_PURCHASABLE         unknown, not published or not for sale: one answer
├── PriceChanged           PRICE_CHANGED           the cart now shows the new price; look and check out again
├── InsufficientStock      INSUFFICIENT_STOCK
├── CheckoutExpired        CHECKOUT_EXPIRED        it stood still too long and was given up
├── TryAgain               TRY_AGAIN               products or inventory gave no answer; the same key resumes
├── IllegalTransition      ILLEGAL_TRANSITION      the state machine has no such step for the viewer
├── StockNotCommitted      STOCK_NOT_COMMITTED     the order's stock is not yet allocated for good
├── AlreadyFulfilled       ALREADY_FULFILLED       more than was ordered, or a cancel after parcels were made
└── NotFulfilled           NOT_FULFILLED           completed too early
"""

# ruff: noqa: N818 - a refusal reads as a sentence (CartExpired), as its code does

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from subgraphs.kit.errors import DomainError


class CartExpired(DomainError):
    """Nobody touched the cart for too long."""

    code = "CART_EXPIRED"


class CartCheckedOut(DomainError):
    """The cart has become an order."""

    code = "CART_CHECKED_OUT"


class CartEmpty(DomainError):
    """There is nothing to buy in the cart."""

    code = "CART_EMPTY"


class VariantRefusal(DomainError):
    """A refusal that concerns one variant."""

    def __init__(
        self, message: str, *, variant_id: str | None = None, field: Sequence[str] | None = None
    ) -> None:
        super().__init__(message, field=field)
        self.variant_id = variant_id

    def details(self) -> Mapping[str, Any]:
        """Returns the variant beside the common fields."""
        return {"variant_id": self.variant_id}


class DifferentSeller(VariantRefusal):
    """The variant is sold by another organization than the rest of the cart."""

    code = "DIFFERENT_SELLER"


class NotPurchasable(VariantRefusal):
    """The variant cannot be bought."""

    code = "NOT_PURCHASABLE"


class PriceChanged(VariantRefusal):
    """What the customer agreed to is not what it costs."""

    code = "PRICE_CHANGED"


class InsufficientStock(VariantRefusal):
    """Less is left than wanted."""

    code = "INSUFFICIENT_STOCK"


class CheckoutExpired(DomainError):
    """The checkout stood still too long."""

    code = "CHECKOUT_EXPIRED"


class TryAgain(DomainError):
    """Another domain gave no answer; nobody knows yet how the request ended."""

    code = "TRY_AGAIN"


class IllegalTransition(DomainError):
    """The state machine has no such step."""

    code = "ILLEGAL_TRANSITION"


class StockNotCommitted(DomainError):
    """Inventory has not allocated the stock yet."""

    code = "STOCK_NOT_COMMITTED"


class AlreadyFulfilled(DomainError):
    """The parcels made already stand against it."""

    code = "ALREADY_FULFILLED"


class NotFulfilled(DomainError):
    """Something ordered stands in no delivered parcel."""

    code = "NOT_FULFILLED"
