"""From a cart to a placed order: a saga over products, orders and inventory.

1. Has this request been made before? Then its order is gone on with, wherever it stands.
2. The cart is read; products is asked for the prices of this moment. A price or a total other than the
   customer saw is refused, and the cart shows the new prices.
3. Transaction: the order is written down as PENDING and the cart is closed.
4. `settle_checkout` reserves, places (or rejects) and commits.

No call is made inside a transaction. What a crash leaves between two steps, `reconcile_checkouts` finishes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import Conflict, DomainError, InvalidInput, Refusals
from subgraphs.kit.idempotency import IdempotentRequest, find_response, once
from subgraphs.kit.money import Money
from subgraphs.orders.errors import CartEmpty, PriceChanged
from subgraphs.orders.model.cart_queries import lines_by_carts, set_line_prices
from subgraphs.orders.model.tables import CartLineRow, CartRow, OrderRow
from subgraphs.orders.peers.catalogue import Offer
from subgraphs.orders.service.addresses import check_address
from subgraphs.orders.service.cart_secrets import hash_secret
from subgraphs.orders.service.draft_order import Terms, draft_order, subtotal_of
from subgraphs.orders.service.offers import check_offers
from subgraphs.orders.service.own_cart import CartReference, keep_alive, open_own_cart
from subgraphs.orders.service.saga import Saga
from subgraphs.orders.service.settle_checkout import settle_checkout


@dataclass(frozen=True, slots=True)
class Checkout:
    """What the customer sent: which cart, on what terms, and the total they agreed to."""

    cart: CartReference
    terms: Terms
    accepted_total: Money
    idempotency_key: str
    body: Any
    """The whole input, by which a repeated request is told from another under the same key."""


@dataclass(frozen=True, slots=True)
class Basket:
    """A cart as it was read, and what its lines cost now."""

    cart: CartRow
    lines: Sequence[CartLineRow]
    offers: Mapping[UUID, Offer]


async def check_out(saga: Saga, viewer: Viewer, checkout: Checkout) -> OrderRow:
    """Returns the placed order; raises what it was refused for."""
    request = _request_of(viewer, checkout)
    async with saga.database.transaction() as session:
        order_id = await find_response(session, request)
    if order_id is None:
        terms = replace(checkout.terms, address=check_address(checkout.terms.address))
        basket = await _fill_basket(saga, viewer, checkout)
        await _check_prices(saga, viewer, checkout, basket)
        order_id = await _write_down(saga, viewer, replace(checkout, terms=terms), basket, request)
    return await settle_checkout(saga, UUID(order_id))


def _request_of(viewer: Viewer, checkout: Checkout) -> IdempotentRequest:
    """A key belongs to a person, whatever organization they act in, or to a guest's secret."""
    request = IdempotentRequest.of(viewer, "checkout", checkout.idempotency_key, checkout.body)
    secret_hash = hash_secret(checkout.cart.secret)
    if viewer.user_id is not None:
        return replace(request, scope=f"{viewer.user_id}/checkout")
    return replace(request, scope=f"guest:{secret_hash.hex() if secret_hash else ''}/checkout")


async def _fill_basket(saga: Saga, viewer: Viewer, checkout: Checkout) -> Basket:
    async with saga.database.transaction() as session:
        cart = await open_own_cart(session, viewer, checkout.cart, saga.clock.now(), lock=False)
        lines = (await lines_by_carts(session, [cart.id])).get(cart.id, ())
    if not lines:
        raise CartEmpty("There is nothing in this cart", field=["input", "cartId"])
    variant_ids = [line.variant_id for line in lines]
    offers = await saga.catalogue.offers(viewer, variant_ids)
    check_offers(variant_ids, offers, cart.organization_id, cart.currency)
    return Basket(cart, lines, offers)


async def _check_prices(saga: Saga, viewer: Viewer, checkout: Checkout, basket: Basket) -> None:
    changed: list[DomainError] = [
        PriceChanged("The price has changed; look at the cart again", variant_id=str(line.variant_id))
        for line in basket.lines
        if basket.offers[line.variant_id].price.minor != line.unit_price_minor
    ]
    if changed:
        await _show_prices(saga, viewer, checkout.cart, basket.offers)
        raise Refusals(changed)
    total = subtotal_of(basket.lines, basket.offers)
    if checkout.accepted_total.currency != total.currency:
        raise InvalidInput(f"This cart is in {total.currency}", field=["input", "acceptedTotal"])
    if checkout.accepted_total != total:
        raise PriceChanged("The total is not the one accepted", field=["input", "acceptedTotal"])


async def _show_prices(
    saga: Saga, viewer: Viewer, reference: CartReference, offers: Mapping[UUID, Offer]
) -> None:
    prices = {variant_id: offer.price.minor for variant_id, offer in offers.items()}
    async with saga.database.transaction() as session:
        cart = await open_own_cart(session, viewer, reference, saga.clock.now())
        await set_line_prices(session, cart, prices)
        keep_alive(cart, saga.clock.now())


async def _write_down(
    saga: Saga, viewer: Viewer, checkout: Checkout, basket: Basket, request: IdempotentRequest
) -> str:
    now = saga.clock.now()
    async with saga.database.transaction() as session:

        async def effect() -> str:
            cart = await open_own_cart(session, viewer, checkout.cart, now)
            if cart.version != basket.cart.version:
                raise Conflict("The cart was changed meanwhile", field=["input", "cartId"])
            order = await draft_order(session, cart, basket.lines, basket.offers, checkout.terms, now)
            return str(order.id)

        return await once(session, request, effect)
