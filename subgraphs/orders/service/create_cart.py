"""Beginning a cart, perhaps with its first lines."""

from __future__ import annotations

from collections.abc import Sequence

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.money import CURRENCY
from subgraphs.orders.model.tables import CartRow
from subgraphs.orders.service.cart_secrets import hash_secret, new_secret
from subgraphs.orders.service.change_lines import put_lines, settle_seller
from subgraphs.orders.service.offers import WantedLine, check_offers, wanted_ids
from subgraphs.orders.service.own_cart import keep_alive
from subgraphs.orders.service.saga import Saga
from subgraphs.orders.states import CartStatus


async def create_cart(
    saga: Saga, viewer: Viewer, lines: Sequence[WantedLine] = ()
) -> tuple[CartRow, str | None]:
    """Returns the new cart, and for a guest the secret that is shown this once."""
    variant_ids = wanted_ids(lines)
    offers = await saga.catalogue.offers(viewer, variant_ids)
    check_offers(variant_ids, offers, None, None)
    is_user = viewer.user_id is not None and not viewer.is_service
    secret = None if is_user else new_secret()
    cart = CartRow(
        customer_id=viewer.user_id if is_user else None,
        secret_hash=hash_secret(secret),
        status=CartStatus.OPEN,
        currency=CURRENCY,
    )
    settle_seller(cart, offers)
    keep_alive(cart, saga.clock.now())
    async with saga.database.transaction() as session:
        session.add(cart)
        await session.flush()
        await put_lines(session, cart, lines, offers)
    return cart, secret
