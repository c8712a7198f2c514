"""Putting variants into a cart, changing how many, taking them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, NotFound
from subgraphs.orders.model.cart_queries import lines_by_carts
from subgraphs.orders.model.tables import CartLineRow, CartRow
from subgraphs.orders.peers.catalogue import Offer
from subgraphs.orders.service.offers import (
    LINES_MAX,
    WantedLine,
    check_offers,
    check_quantity,
    wanted_ids,
)
from subgraphs.orders.service.own_cart import CartReference, keep_alive, open_own_cart
from subgraphs.orders.service.saga import Saga


async def add_cart_lines(
    saga: Saga, viewer: Viewer, reference: CartReference, lines: Sequence[WantedLine]
) -> CartRow:
    """Returns the cart with the lines added; a variant that is in it already becomes more."""
    variant_ids = wanted_ids(lines)
    now = saga.clock.now()
    offers = await saga.catalogue.offers(viewer, variant_ids)
    async with saga.database.transaction() as session:
        cart = await open_own_cart(session, viewer, reference, now)
        currency = cart.currency if cart.organization_id is not None else None
        check_offers(variant_ids, offers, cart.organization_id, currency)
        settle_seller(cart, offers)
        keep_alive(cart, now)
        await put_lines(session, cart, lines, offers)
    return cart


def settle_seller(cart: CartRow, offers: Mapping[UUID, Offer]) -> None:
    """Makes the cart one of the offers' seller; they were checked to have one."""
    for offer in offers.values():
        cart.organization_id, cart.currency = offer.organization_id, offer.price.currency


async def put_lines(
    session: AsyncSession, cart: CartRow, lines: Sequence[WantedLine], offers: Mapping[UUID, Offer]
) -> None:
    """Writes lines that were checked against the offers, at the prices of this moment."""
    present = {line.variant_id: line for line in (await lines_by_carts(session, [cart.id])).get(cart.id, ())}
    last = max((line.position for line in present.values()), default=0)
    for position, wanted in enumerate(lines, start=last + 1):
        assert wanted.variant_id is not None, "wanted_ids refuses those"
        offer = offers[wanted.variant_id]
        line = present.get(wanted.variant_id)
        if line is None:
            line = CartLineRow(cart_id=cart.id, position=position, variant_id=wanted.variant_id, quantity=0)
            session.add(line)
            present[wanted.variant_id] = line
        line.quantity += wanted.quantity
        line.unit_price_minor = offer.price.minor
        check_quantity(line.quantity)
    if len(present) > LINES_MAX:
        raise InvalidInput(f"A cart has at most {LINES_MAX} lines", field=["input", "cartId"])
    await session.flush()


async def set_line_quantity(
    session: AsyncSession,
    viewer: Viewer,
    reference: CartReference,
    line_id: UUID | None,
    quantity: int,
    now: datetime,
) -> CartRow:
    """Returns the cart with another quantity in one line."""
    check_quantity(quantity)
    cart, lines = await _open_with_lines(session, viewer, reference, now)
    _line_of(lines, line_id).quantity = quantity
    await session.flush()
    return cart


async def remove_line(
    session: AsyncSession, viewer: Viewer, reference: CartReference, line_id: UUID | None, now: datetime
) -> CartRow:
    """Returns the cart without the line; an empty cart may buy from anybody again."""
    cart, lines = await _open_with_lines(session, viewer, reference, now)
    await session.delete(_line_of(lines, line_id))
    if len(lines) == 1:
        cart.organization_id = None
    await session.flush()
    return cart


async def _open_with_lines(
    session: AsyncSession, viewer: Viewer, reference: CartReference, now: datetime
) -> tuple[CartRow, Sequence[CartLineRow]]:
    cart = await open_own_cart(session, viewer, reference, now)
    keep_alive(cart, now)
    return cart, (await lines_by_carts(session, [cart.id])).get(cart.id, ())


def _line_of(lines: Sequence[CartLineRow], line_id: UUID | None) -> CartLineRow:
    for line in lines:
        if line.id == line_id:
            return line
    raise NotFound("No such line in this cart", field=["input", "lineId"])
