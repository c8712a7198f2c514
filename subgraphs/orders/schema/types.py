"""Carts and orders; Order is an entity, and User gets the orders they made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry
from strawberry import federation

from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, ids_of, load_entities
from subgraphs.kit.ids import read_id
from subgraphs.kit.money import Money, total_of
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.value_types import LocaleEnum, MoneyType
from subgraphs.orders.model.tables import CartLineRow, CartRow, OrderRow
from subgraphs.orders.schema.enums import (
    AuthorizeStatus,
    CartStatus,
    ChargeStatus,
    FulfillmentProgress,
    OrderStatus,
    PaymentMethod,
)
from subgraphs.orders.schema.loaders import (
    load_cart_lines,
    load_events,
    load_fulfillments,
    load_order_lines,
    load_order_pages,
    load_orders,
    load_orders_of_carts,
)
from subgraphs.orders.schema.order_parts import Fulfillment, OrderAddress, OrderEvent, OrderLine
from subgraphs.orders.schema.references import Organization, ProductVariant, text_id
from subgraphs.orders.service.own_order import next_states_for


@federation.type(keys=["id"], description="A person; here, as somebody who buys.")
class User:
    id: strawberry.ID

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[User | None]:
        """Returns the users by id; what of their orders may be seen is asked per field."""
        return [cls(id=text_id(each)) if each is not None else None for each in ids_of(representations)]

    @fields.listing(
        allow=Public(),
        description="Their orders, the newest first: all to themself; to staff, those of their organization.",
    )
    async def orders(self, info: Info, page: PageArguments) -> Connection[Order] | None:
        user_id = read_id(self.id)
        if user_id is None:
            return None
        loader = info.context.loaders.get(load_order_pages, page=page)
        return Connection.of(await loader.load(user_id), Order.of)


@federation.type(keys=["id"], description="What a customer and a seller agreed on.")
class Order:
    row: strawberry.Private[OrderRow]
    id: strawberry.ID
    organization_id: strawberry.ID
    number: int | None = strawberry.field(
        description="Unique in the organization; given when the order is placed."
    )
    status: OrderStatus
    authorize_status: AuthorizeStatus
    charge_status: ChargeStatus
    fulfillment_status: FulfillmentProgress
    payment_method: PaymentMethod
    locale: LocaleEnum  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    cancel_reason: str | None
    placed_at: datetime | None
    cancelled_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, row: OrderRow) -> Order:
        """Returns the order as the API shows it."""
        return cls(
            row=row,
            id=text_id(row.id),
            organization_id=text_id(row.organization_id),
            number=row.number,
            status=row.status,
            authorize_status=row.authorize_status,
            charge_status=row.charge_status,
            fulfillment_status=row.fulfillment_status,
            payment_method=row.payment_method,
            locale=row.locale,
            cancel_reason=row.cancel_reason,
            placed_at=row.placed_at,
            cancelled_at=row.cancelled_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Order | None]:
        """Returns the orders the viewer may see."""
        return await load_entities(info.context.loaders.get(load_orders), representations, cls.of)

    @strawberry.field(description="The states the viewer may move the order to.")
    def next_states(self, info: Info) -> list[OrderStatus]:
        return next_states_for(info.context.viewer, self.row)

    @strawberry.field(description="The seller; null for a viewer who may not see them.")
    def organization(self) -> Organization | None:
        return Organization(id=text_id(self.row.organization_id))

    @strawberry.field(description="Who ordered; null for a guest's order.")
    def customer(self) -> User | None:
        return User(id=text_id(self.row.customer_id)) if self.row.customer_id is not None else None

    @strawberry.field
    def address(self) -> OrderAddress:
        return OrderAddress.of(self.row)

    @strawberry.field(description="The sum of the lines.")
    def subtotal(self) -> MoneyType:
        return MoneyType.of(Money(self.row.subtotal_minor, self.row.currency))

    @strawberry.field
    def shipping(self) -> MoneyType:
        return MoneyType.of(Money(self.row.shipping_minor, self.row.currency))

    @strawberry.field
    def discount(self) -> MoneyType:
        return MoneyType.of(Money(self.row.discount_minor, self.row.currency))

    @strawberry.field(description="Subtotal + shipping - discount, to the last minor unit.")
    def total(self) -> MoneyType:
        return MoneyType.of(Money(self.row.total_minor, self.row.currency))

    @strawberry.field
    async def lines(self, info: Info) -> list[OrderLine]:
        rows = await info.context.loaders.get(load_order_lines).load(self.row.id)
        return [OrderLine.of(row, self.row.currency) for row in rows]

    @strawberry.field
    async def fulfillments(self, info: Info) -> list[Fulfillment]:
        rows = await info.context.loaders.get(load_fulfillments).load(self.row.id)
        return [Fulfillment.of(row, self.row.currency) for row in rows]

    @strawberry.field(description="What happened to the order, the oldest first.")
    async def events(self, info: Info) -> list[OrderEvent]:
        rows = await info.context.loaders.get(load_events).load(self.row.id)
        return [OrderEvent.of(row) for row in rows]


@strawberry.type(description="A variant in a cart, at the price its owner last saw.")
class CartLine:
    id: strawberry.ID
    variant: ProductVariant | None
    quantity: int
    unit_price: MoneyType
    total: MoneyType

    @classmethod
    def of(cls, row: CartLineRow, currency: str) -> CartLine:
        """Returns the line as the API shows it."""
        price = Money(row.unit_price_minor, currency)
        return cls(
            id=text_id(row.id),
            variant=ProductVariant(id=text_id(row.variant_id)),
            quantity=row.quantity,
            unit_price=MoneyType.of(price),
            total=MoneyType.of(price.times(row.quantity)),
        )


@strawberry.type(description="What somebody means to buy from one seller.")
class Cart:
    row: strawberry.Private[CartRow]
    id: strawberry.ID
    status: CartStatus
    expires_at: datetime
    version: int

    @classmethod
    def of(cls, row: CartRow) -> Cart:
        """Returns the cart as the API shows it."""
        return cls(
            row=row, id=text_id(row.id), status=row.status, expires_at=row.expires_at, version=row.version
        )

    @strawberry.field(description="The seller, once there is a line.")
    def organization(self) -> Organization | None:
        id_ = self.row.organization_id
        return Organization(id=text_id(id_)) if id_ is not None else None

    @strawberry.field
    async def lines(self, info: Info) -> list[CartLine]:
        rows = await info.context.loaders.get(load_cart_lines).load(self.row.id)
        return [CartLine.of(row, self.row.currency) for row in rows]

    @strawberry.field(description="How many pieces are in the cart.")
    async def item_count(self, info: Info) -> int:
        return sum(row.quantity for row in await info.context.loaders.get(load_cart_lines).load(self.row.id))

    @strawberry.field(description="What `checkout` wants accepted.")
    async def total(self, info: Info) -> MoneyType:
        rows = await info.context.loaders.get(load_cart_lines).load(self.row.id)
        amounts = (Money(row.unit_price_minor, self.row.currency).times(row.quantity) for row in rows)
        return MoneyType.of(total_of(amounts, self.row.currency))

    @strawberry.field(description="What the cart has become.")
    async def order(self, info: Info) -> Order | None:
        row = await info.context.loaders.get(load_orders_of_carts).load(self.row.id)
        return Order.of(row) if row is not None else None
