"""The root queries of orders."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import AnyOf, HasPermission, Public
from subgraphs.kit.context import Info
from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.filtering.ordering import keyset_of
from subgraphs.kit.filtering.where import compile_where
from subgraphs.kit.ids import read_id
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.page import fetch_page
from subgraphs.orders.model.cart_queries import find_own_cart
from subgraphs.orders.model.order_queries import (
    INTERNAL,
    NEWEST_FIRST,
    READ_ORDERS,
    find_visible_order,
    orders_of_seller,
    search_condition,
)
from subgraphs.orders.model.tables import OrderRow
from subgraphs.orders.schema.inputs import ORDER_ORDER_COLUMNS, ORDER_WHERE_COLUMNS, OrderOrder, OrderWhere
from subgraphs.orders.schema.order_parts import Wilaya
from subgraphs.orders.schema.types import Cart, Order
from subgraphs.orders.service.cart_secrets import hash_secret
from subgraphs.orders.wilayas import WILAYAS

SEARCH_LENGTH_MAX = 100


@strawberry.type
class Query:
    @fields.query(allow=Public(), description="One's own cart, or a guest's by its secret.")
    async def cart(self, info: Info, id: strawberry.ID, secret: str | None = None) -> Cart | None:
        cart_id = read_id(id)
        if cart_id is None:
            return None
        context = info.context
        row = await find_own_cart(context.session, context.viewer, cart_id, hash_secret(secret))
        if row is None or row.expires_at <= context.clock.now():
            return None
        return Cart.of(row)

    @fields.query(
        allow=Public(), description="One's own order, one of the organization's, or a guest's by its secret."
    )
    async def order(self, info: Info, id: strawberry.ID, secret: str | None = None) -> Order | None:
        order_id = read_id(id)
        if order_id is None:
            return None
        context = info.context
        row = await find_visible_order(context.session, context.viewer, order_id, hash_secret(secret))
        return Order.of(row) if row is not None else None

    @fields.listing(
        allow=AnyOf(HasPermission(READ_ORDERS), HasPermission(INTERNAL)),
        description="The orders of the viewer's organization, the newest first unless told.",
    )
    async def orders(
        self,
        info: Info,
        page: PageArguments,
        where: OrderWhere | None = None,
        order_by: list[OrderOrder] | None = None,
        search: str | None = None,
    ) -> Connection[Order]:
        context = info.context
        listed = orders_of_seller(context.viewer.organization_id).where(
            compile_where(where, ORDER_WHERE_COLUMNS)
        )
        if search is not None and search.strip():
            if len(search) > SEARCH_LENGTH_MAX:
                raise BadUserInput(f"`search` has at most {SEARCH_LENGTH_MAX} characters")
            listed = listed.where(search_condition(search))
        keyset = keyset_of(order_by, ORDER_ORDER_COLUMNS, OrderRow.id) if order_by else NEWEST_FIRST
        return Connection.of(await fetch_page(context.session, listed, keyset, page), Order.of)

    @fields.query(allow=Public(), description="The wilayas an order can go to, by number.")
    def wilayas(self) -> list[Wilaya]:
        return [Wilaya.of(entry) for entry in WILAYAS.values()]
