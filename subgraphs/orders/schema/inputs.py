"""What the mutations of orders take, and how the list of orders is filtered and ordered."""

from __future__ import annotations

from enum import Enum

import strawberry
from sqlalchemy import func
from strawberry import UNSET

from subgraphs.kit.filtering.inputs import (
    BigIntFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
)
from subgraphs.kit.filtering.ordering import SortDirection
from subgraphs.kit.filtering.where import Columns, logical
from subgraphs.kit.ids import read_id
from subgraphs.kit.locales import Locale
from subgraphs.kit.value_types import LocaleEnum, MoneyInput
from subgraphs.orders.model.tables import OrderRow
from subgraphs.orders.schema.enums import (
    ChargeStatus,
    FulfillmentProgress,
    FulfillmentStatus,
    OrderStatus,
    PaymentMethod,
)
from subgraphs.orders.service.addresses import Address
from subgraphs.orders.service.offers import WantedLine
from subgraphs.orders.service.own_cart import CartReference
from subgraphs.orders.service.own_order import OrderReference


@strawberry.input
class CartLineInput:
    variant_id: strawberry.ID
    quantity: int = 1

    def to_line(self) -> WantedLine:
        """Returns the line for the use-cases."""
        return WantedLine(read_id(self.variant_id), self.quantity)


@strawberry.input
class CartCreateInput:
    lines: list[CartLineInput] = strawberry.field(default_factory=list)


@strawberry.input
class CartReferenceInput:
    cart_id: strawberry.ID
    secret: str | None = strawberry.field(default=None, description="A guest's, from `cartCreate`.")
    expected_version: int | None = None

    def to_reference(self) -> CartReference:
        """Returns which cart is meant."""
        return CartReference(read_id(self.cart_id), self.secret, self.expected_version)


@strawberry.input
class CartLineAddInput(CartReferenceInput):
    variant_id: strawberry.ID
    quantity: int = 1


@strawberry.input
class CartLineUpdateInput(CartReferenceInput):
    line_id: strawberry.ID
    quantity: int


@strawberry.input
class CartLineRemoveInput(CartReferenceInput):
    line_id: strawberry.ID


@strawberry.input
class CartClaimInput(CartReferenceInput):
    pass


@strawberry.input
class OrderAddressInput:
    recipient: str
    phone: str = strawberry.field(description="+213550123456 or 0550 12 34 56.")
    street: str
    town: str
    wilaya_code: str = strawberry.field(description="1 to 58; see `wilayas`.")
    postal_code: str | None = None

    def to_address(self) -> Address:
        """Returns the address as it was typed."""
        return Address(self.recipient, self.phone, self.street, self.town, self.wilaya_code, self.postal_code)


@strawberry.input
class CheckoutInput(CartReferenceInput):
    idempotency_key: str
    address: OrderAddressInput
    accepted_total: MoneyInput = strawberry.field(
        description="The total the customer saw; any other is refused with PRICE_CHANGED."
    )
    payment_method: PaymentMethod = PaymentMethod.CASH_ON_DELIVERY
    locale: LocaleEnum = Locale.FR  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry


@strawberry.input
class OrderReferenceInput:
    order_id: strawberry.ID
    expected_version: int | None = None

    def to_reference(self) -> OrderReference:
        """Returns which order is meant."""
        return OrderReference(read_id(self.order_id), None, self.expected_version)


@strawberry.input
class OrderCancelInput:
    idempotency_key: str
    order_id: strawberry.ID
    secret: str | None = strawberry.field(default=None, description="A guest's, from `cartCreate`.")
    expected_version: int | None = None
    reason: str | None = None

    def to_reference(self) -> OrderReference:
        """Returns which order is meant."""
        return OrderReference(read_id(self.order_id), self.secret, self.expected_version)


@strawberry.input
class FulfillmentLineInput:
    line_id: strawberry.ID
    quantity: int


@strawberry.input
class FulfillmentCreateInput(OrderReferenceInput):
    idempotency_key: str
    lines: list[FulfillmentLineInput] = strawberry.field(
        default_factory=list, description="Everything that is left, unless told."
    )
    carrier: str | None = None
    tracking_number: str | None = None


@strawberry.input
class FulfillmentMoveInput:
    fulfillment_id: strawberry.ID
    status: FulfillmentStatus
    tracking_number: str | None = None
    expected_version: int | None = None


@strawberry.input
class OrderWhere:
    id: IDFilter | None = UNSET
    number: IntFilter | None = UNSET
    status: EnumFilter[OrderStatus] | None = UNSET
    charge_status: EnumFilter[ChargeStatus] | None = UNSET
    fulfillment_status: EnumFilter[FulfillmentProgress] | None = UNSET
    customer_id: IDFilter | None = UNSET
    wilaya_code: StringFilter | None = UNSET
    total_minor: BigIntFilter | None = UNSET
    placed_at: DateTimeFilter | None = UNSET
    created_at: DateTimeFilter | None = UNSET
    and_: list[OrderWhere] | None = logical("AND")
    or_: list[OrderWhere] | None = logical("OR")
    not_: OrderWhere | None = logical("NOT")


ORDER_WHERE_COLUMNS: Columns = {
    "id": OrderRow.id,
    "number": OrderRow.number,
    "status": OrderRow.status,
    "charge_status": OrderRow.charge_status,
    "fulfillment_status": OrderRow.fulfillment_status,
    "customer_id": OrderRow.customer_id,
    "wilaya_code": OrderRow.wilaya_code,
    "total_minor": OrderRow.total_minor,
    "placed_at": OrderRow.placed_at,
    "created_at": OrderRow.created_at,
}


@strawberry.enum
class OrderOrderField(Enum):
    NUMBER = "number"
    TOTAL = "total"
    CREATED_AT = "created_at"
    PLACED_AT = "placed_at"


@strawberry.input
class OrderOrder:
    field: OrderOrderField
    direction: SortDirection = SortDirection.ASC


ORDER_ORDER_COLUMNS = {
    OrderOrderField.NUMBER: func.coalesce(OrderRow.number, 0),
    OrderOrderField.TOTAL: OrderRow.total_minor,
    OrderOrderField.CREATED_AT: OrderRow.created_at,
    # An order that was never placed stands where it was made.
    OrderOrderField.PLACED_AT: func.coalesce(OrderRow.placed_at, OrderRow.created_at),
}
