"""What an order consists of."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from subgraphs.kit.context import Info
from subgraphs.kit.money import Money
from subgraphs.kit.value_types import LocalizedString, MoneyType
from subgraphs.orders.model.tables import (
    FulfillmentLineRow,
    FulfillmentRow,
    OrderEventRow,
    OrderLineRow,
    OrderRow,
)
from subgraphs.orders.schema.enums import Actor, FulfillmentStatus
from subgraphs.orders.schema.loaders import load_fulfillment_lines, load_order_lines
from subgraphs.orders.schema.references import Product, ProductVariant, text_id
from subgraphs.orders.states import FULFILLMENT_MACHINE
from subgraphs.orders.wilayas import Wilaya as WilayaEntry


@strawberry.type(description="A province of Algeria.")
class Wilaya:
    code: str = strawberry.field(description="Two digits, as on number plates.")
    name: LocalizedString

    @classmethod
    def of(cls, entry: WilayaEntry) -> Wilaya:
        """Returns the wilaya as the API shows it."""
        return cls(code=entry.code, name=LocalizedString.of(entry.name))


@strawberry.type(description="Where an order goes, as it was when the order was made.")
class OrderAddress:
    recipient: str
    phone: str
    street: str
    town: str
    wilaya: Wilaya
    postal_code: str | None

    @classmethod
    def of(cls, row: OrderRow) -> OrderAddress:
        """Returns the address as the API shows it."""
        return cls(
            recipient=row.recipient,
            phone=row.phone,
            street=row.street,
            town=row.town,
            wilaya=Wilaya(code=row.wilaya_code, name=LocalizedString.of(row.wilaya_name)),
            postal_code=row.postal_code,
        )


@strawberry.type(description="A variant as it was sold: name, SKU and price of that day.")
class OrderLine:
    id: strawberry.ID
    variant: ProductVariant | None = strawberry.field(description="The variant as it is now, if it still is.")
    product: Product | None
    sku: str
    product_name: LocalizedString
    variant_name: LocalizedString
    quantity: int
    fulfilled_quantity: int
    unit_price: MoneyType
    total: MoneyType

    @classmethod
    def of(cls, row: OrderLineRow, currency: str) -> OrderLine:
        """Returns the line as the API shows it."""
        return cls(
            id=text_id(row.id),
            variant=ProductVariant(id=text_id(row.variant_id)),
            product=Product(id=text_id(row.product_id)),
            sku=row.sku,
            product_name=LocalizedString.of(row.product_name),
            variant_name=LocalizedString.of(row.variant_name),
            quantity=row.quantity,
            fulfilled_quantity=row.fulfilled_quantity,
            unit_price=MoneyType.of(Money(row.unit_price_minor, currency)),
            total=MoneyType.of(Money(row.total_minor, currency)),
        )


@strawberry.type(description="An entry of an order's timeline; none is ever changed.")
class OrderEvent:
    id: strawberry.ID
    type: str
    actor: Actor
    note: str | None
    occurred_at: datetime

    @classmethod
    def of(cls, row: OrderEventRow) -> OrderEvent:
        """Returns the entry as the API shows it."""
        return cls(
            id=text_id(row.id), type=row.type, actor=row.actor, note=row.note, occurred_at=row.occurred_at
        )


@strawberry.type(description="How many pieces of a line a parcel holds.")
class FulfillmentLine:
    row: strawberry.Private[FulfillmentLineRow]
    order_id: strawberry.Private[UUID]
    currency: strawberry.Private[str]
    quantity: int

    @strawberry.field
    async def order_line(self, info: Info) -> OrderLine:
        lines = await info.context.loaders.get(load_order_lines).load(self.order_id)
        row = next(line for line in lines if line.id == self.row.order_line_id)
        return OrderLine.of(row, self.currency)


@strawberry.type(description="A parcel.")
class Fulfillment:
    row: strawberry.Private[FulfillmentRow]
    currency: strawberry.Private[str]
    id: strawberry.ID
    status: FulfillmentStatus
    next_states: list[FulfillmentStatus]
    carrier: str | None
    tracking_number: str | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, row: FulfillmentRow, currency: str) -> Fulfillment:
        """Returns the parcel as the API shows it."""
        return cls(
            row=row,
            currency=currency,
            id=text_id(row.id),
            status=row.status,
            next_states=FULFILLMENT_MACHINE.next_states(row.status, Actor.STAFF),
            carrier=row.carrier,
            tracking_number=row.tracking_number,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )

    @strawberry.field
    async def lines(self, info: Info) -> list[FulfillmentLine]:
        rows = await info.context.loaders.get(load_fulfillment_lines).load(self.row.id)
        return [
            FulfillmentLine(
                row=row, order_id=self.row.order_id, currency=self.currency, quantity=row.quantity
            )
            for row in rows
        ]
