"""A guest who signs in takes the cart along."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.orders.model.tables import CartRow
from subgraphs.orders.service.own_cart import CartReference, keep_alive, open_own_cart


async def claim_cart(
    session: AsyncSession, viewer: Viewer, reference: CartReference, now: datetime
) -> CartRow:
    """Returns the cart as the user's own; its secret opens it no longer."""
    cart = await open_own_cart(session, viewer, reference, now)
    if cart.customer_id is not None:
        raise NotFound("No guest's cart by this secret", field=["input", "cartId"])
    cart.customer_id, cart.secret_hash = viewer.user_id, None
    keep_alive(cart, now)
    await session.flush()
    return cart
