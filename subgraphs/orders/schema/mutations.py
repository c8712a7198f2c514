"""The mutations of orders: carts, the checkout, then what becomes of orders and their parcels."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission, IsUser, Public
from subgraphs.kit.context import Info
from subgraphs.kit.ids import read_id
from subgraphs.kit.router_client import RouterClient
from subgraphs.orders.model.order_changes import read_order
from subgraphs.orders.model.order_queries import WRITE_ORDERS
from subgraphs.orders.model.tables import FulfillmentRow
from subgraphs.orders.schema.inputs import (
    CartClaimInput,
    CartCreateInput,
    CartLineAddInput,
    CartLineRemoveInput,
    CartLineUpdateInput,
    CheckoutInput,
    FulfillmentCreateInput,
    FulfillmentMoveInput,
    OrderCancelInput,
    OrderReferenceInput,
)
from subgraphs.orders.schema.order_parts import Fulfillment
from subgraphs.orders.schema.payloads import (
    CartCreatePayload,
    CartPayload,
    CheckoutPayload,
    FulfillmentPayload,
    OrderPayload,
)
from subgraphs.orders.schema.types import Cart, Order
from subgraphs.orders.service.advance_order import complete_order, confirm_order
from subgraphs.orders.service.cancel_order import Cancellation, cancel_order
from subgraphs.orders.service.change_lines import add_cart_lines, remove_line, set_line_quantity
from subgraphs.orders.service.check_out import Checkout, check_out
from subgraphs.orders.service.claim_cart import claim_cart
from subgraphs.orders.service.create_cart import create_cart
from subgraphs.orders.service.create_fulfillment import ParcelDraft, create_fulfillment
from subgraphs.orders.service.draft_order import Terms
from subgraphs.orders.service.move_fulfillment import ParcelMove, move_fulfillment
from subgraphs.orders.service.offers import WantedLine
from subgraphs.orders.service.saga import Saga


def _saga(info: Info) -> Saga:
    context = info.context
    return Saga.of(context.database, context.clock, context.settings, context.port(RouterClient))


@strawberry.type
class Mutation:
    @fields.saga(allow=Public(), description="Begins a cart; a guest gets a secret to come back with.")
    async def cart_create(self, info: Info, input: CartCreateInput | None = None) -> CartCreatePayload:
        lines = [line.to_line() for line in input.lines] if input is not None else []
        cart, secret = await create_cart(_saga(info), info.context.viewer, lines)
        return CartCreatePayload(cart=Cart.of(cart), secret=secret)

    @fields.saga(allow=Public(), description="Adds a variant, or more of it, at its present price.")
    async def cart_line_add(self, info: Info, input: CartLineAddInput) -> CartPayload:
        lines = [WantedLine(read_id(input.variant_id), input.quantity)]
        cart = await add_cart_lines(_saga(info), info.context.viewer, input.to_reference(), lines)
        return CartPayload(cart=Cart.of(cart))

    @fields.mutation(allow=Public(), description="Changes how many of a line.")
    async def cart_line_update(self, info: Info, input: CartLineUpdateInput) -> CartPayload:
        context = info.context
        line_id, now = read_id(input.line_id), context.clock.now()
        cart = await set_line_quantity(
            context.session, context.viewer, input.to_reference(), line_id, input.quantity, now
        )
        return CartPayload(cart=Cart.of(cart))

    @fields.mutation(allow=Public(), description="Takes a line out.")
    async def cart_line_remove(self, info: Info, input: CartLineRemoveInput) -> CartPayload:
        context = info.context
        line_id, now = read_id(input.line_id), context.clock.now()
        cart = await remove_line(context.session, context.viewer, input.to_reference(), line_id, now)
        return CartPayload(cart=Cart.of(cart))

    @fields.mutation(allow=IsUser(), description="Makes a guest's cart one's own.")
    async def cart_claim(self, info: Info, input: CartClaimInput) -> CartPayload:
        context = info.context
        reference, now = input.to_reference(), context.clock.now()
        cart = await claim_cart(context.session, context.viewer, reference, now)
        return CartPayload(cart=Cart.of(cart))

    @fields.saga(
        allow=Public(), description="Makes an order of a cart: all of it, at the accepted total, or nothing."
    )
    async def checkout(self, info: Info, input: CheckoutInput) -> CheckoutPayload:
        checkout = Checkout(
            cart=input.to_reference(),
            terms=Terms(input.address.to_address(), input.payment_method, input.locale),
            accepted_total=input.accepted_total.to_money(),
            idempotency_key=input.idempotency_key,
            body=input,
        )
        return CheckoutPayload(order=Order.of(await check_out(_saga(info), info.context.viewer, checkout)))

    @fields.saga(allow=Public(), description="Calls an order off; its stock goes back.")
    async def order_cancel(self, info: Info, input: OrderCancelInput) -> OrderPayload:
        cancellation = Cancellation(input.to_reference(), input.reason, input.idempotency_key, input)
        order = await cancel_order(_saga(info), info.context.viewer, cancellation)
        return OrderPayload(order=Order.of(order))

    @fields.mutation(allow=HasPermission(WRITE_ORDERS), description="Takes a placed order on.")
    async def order_confirm(self, info: Info, input: OrderReferenceInput) -> OrderPayload:
        context = info.context
        reference, now = input.to_reference(), context.clock.now()
        return OrderPayload(
            order=Order.of(await confirm_order(context.session, context.viewer, reference, now))
        )

    @fields.mutation(allow=HasPermission(WRITE_ORDERS), description="Closes an order that was delivered.")
    async def order_complete(self, info: Info, input: OrderReferenceInput) -> OrderPayload:
        context = info.context
        reference, now = input.to_reference(), context.clock.now()
        return OrderPayload(
            order=Order.of(await complete_order(context.session, context.viewer, reference, now))
        )

    @fields.mutation(allow=HasPermission(WRITE_ORDERS), description="Makes a parcel of a confirmed order.")
    async def fulfillment_create(self, info: Info, input: FulfillmentCreateInput) -> FulfillmentPayload:
        context = info.context
        draft = ParcelDraft(
            order=input.to_reference(),
            lines=[(read_id(line.line_id), line.quantity) for line in input.lines],
            carrier=input.carrier,
            tracking_number=input.tracking_number,
            idempotency_key=input.idempotency_key,
            body=input,
        )
        parcel = await create_fulfillment(context.session, context.viewer, draft, context.clock.now())
        return await _fulfillment_payload(info, parcel)

    @fields.saga(allow=HasPermission(WRITE_ORDERS), description="Sends, delivers or undoes a parcel.")
    async def fulfillment_move(self, info: Info, input: FulfillmentMoveInput) -> FulfillmentPayload:
        move = ParcelMove(
            read_id(input.fulfillment_id), input.status, input.tracking_number, input.expected_version
        )
        parcel = await move_fulfillment(_saga(info), info.context.viewer, move)
        return await _fulfillment_payload(info, parcel)


async def _fulfillment_payload(info: Info, parcel: FulfillmentRow) -> FulfillmentPayload:
    order = await read_order(info.context.session, parcel.order_id)
    return FulfillmentPayload(fulfillment=Fulfillment.of(parcel, order.currency), order=Order.of(order))
