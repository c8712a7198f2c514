"""Coming to a cart: by being its owner, or by knowing a guest's secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.kit.versions import check_version
from subgraphs.orders.errors import CartCheckedOut, CartExpired
from subgraphs.orders.model.cart_queries import find_own_cart
from subgraphs.orders.model.tables import CartRow
from subgraphs.orders.service.cart_secrets import hash_secret
from subgraphs.orders.states import CartStatus

USER_CART_LIFETIME = timedelta(days=30)
GUEST_CART_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CartReference:
    """Which cart is meant, the secret if it is a guest's, and the version the caller saw."""

    cart_id: UUID | None
    secret: str | None = None
    expected_version: int | None = None


async def open_own_cart(
    session: AsyncSession, viewer: Viewer, reference: CartReference, now: datetime, *, lock: bool = True
) -> CartRow:
    """Returns the viewer's open cart, held until the transaction ends."""
    cart = None
    if reference.cart_id is not None:
        secret_hash = hash_secret(reference.secret)
        cart = await find_own_cart(session, viewer, reference.cart_id, secret_hash, lock=lock)
    if cart is None:
        raise NotFound("No such cart", field=["input", "cartId"])
    if cart.status is CartStatus.CHECKED_OUT:
        raise CartCheckedOut("This cart has become an order", field=["input", "cartId"])
    if cart.expires_at <= now:
        raise CartExpired("This cart has expired; begin another", field=["input", "cartId"])
    check_version(cart, reference.expected_version)
    return cart


def keep_alive(cart: CartRow, now: datetime) -> None:
    """Moves the end of the cart's life on, which also gives the cart a new version."""
    cart.expires_at = now + (USER_CART_LIFETIME if cart.customer_id is not None else GUEST_CART_LIFETIME)
