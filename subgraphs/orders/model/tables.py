"""The tables of orders."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    UniqueConstraint,
    text,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.locales import Locale, LocalizedText, LocalizedTextColumn
from subgraphs.kit.tables import COLUMN_TYPES, NAMING_CONVENTION, Identified, Timestamped, Versioned
from subgraphs.orders.states import (
    Actor,
    AuthorizeStatus,
    CartStatus,
    ChargeStatus,
    FulfillmentProgress,
    FulfillmentStatus,
    OrderStatus,
    PaymentMethod,
    StockStep,
)

E = TypeVar("E", bound=Enum)

_STATE_LENGTH_MAX = 24
_LIVE = text("status NOT IN ('REJECTED', 'EXPIRED')")
_UNSETTLED = text("stock IN ('RESERVING', 'RESERVED', 'RELEASING', 'SHIPPING')")


def _choice(enum: type[E]) -> EnumType:
    """Returns a text column of the enum's values; a new state needs no migration."""
    return EnumType(
        enum,
        native_enum=False,
        create_constraint=False,
        length=_STATE_LENGTH_MAX,
        values_callable=lambda members: [member.value for member in members],
    )


_STATES = (
    Actor,
    AuthorizeStatus,
    CartStatus,
    ChargeStatus,
    FulfillmentProgress,
    FulfillmentStatus,
    Locale,
    OrderStatus,
    PaymentMethod,
    StockStep,
)


class Base(DeclarativeBase):
    """Base of the tables of orders."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        **COLUMN_TYPES,
        LocalizedText: LocalizedTextColumn(),
        **{state: _choice(state) for state in _STATES},
    }


class CartRow(Identified, Timestamped, Versioned, Base):
    """What somebody means to buy from one seller: a user's, or a guest's who knows its secret."""

    __tablename__ = "carts"
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (secret_hash IS NULL)", name="one_owner"),
        Index("ix_carts_customer_id", "customer_id"),
        Index("ix_carts_expires_at", "expires_at", postgresql_where=text("status = 'OPEN'")),
    )

    customer_id: Mapped[UUID | None]
    secret_hash: Mapped[bytes | None]
    organization_id: Mapped[UUID | None]
    """The seller, settled by the first line."""
    status: Mapped[CartStatus]
    currency: Mapped[str]
    expires_at: Mapped[datetime]


class CartLineRow(Identified, Timestamped, Base):
    """One variant in a cart, at the price its owner last saw."""

    __tablename__ = "cart_lines"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price_minor >= 0", name="unit_price"),
    )

    cart_id: Mapped[UUID] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"))
    position: Mapped[int]
    variant_id: Mapped[UUID]
    quantity: Mapped[int]
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)


class OrderCounterRow(Base):
    """The last order number of an organization."""

    __tablename__ = "order_counters"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_number: Mapped[int] = mapped_column(BigInteger)


class OrderRow(Identified, Timestamped, Versioned, Base):
    """An order: what was agreed, as it was agreed, and how far each side of it has come."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        CheckConstraint("total_minor = subtotal_minor + shipping_minor - discount_minor", name="total"),
        CheckConstraint("shipping_minor >= 0 AND discount_minor >= 0 AND total_minor >= 0", name="amounts"),
        Index("uq_orders_live_cart_id", "cart_id", unique=True, postgresql_where=_LIVE),
        Index("ix_orders_organization_id_created_at", "organization_id", "created_at", "id"),
        Index("ix_orders_customer_id_created_at", "customer_id", "created_at", "id"),
        Index("ix_orders_unsettled", "stock", "stock_changed_at", postgresql_where=_UNSETTLED),
    )

    organization_id: Mapped[UUID]
    number: Mapped[int | None] = mapped_column(BigInteger)
    """Given when the order is placed, so that refused checkouts make no gaps."""
    cart_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    secret_hash: Mapped[bytes | None]
    """The cart's: by it a guest finds the order again."""
    status: Mapped[OrderStatus]
    authorize_status: Mapped[AuthorizeStatus]
    charge_status: Mapped[ChargeStatus]
    fulfillment_status: Mapped[FulfillmentProgress]
    stock: Mapped[StockStep]
    stock_changed_at: Mapped[datetime]
    payment_method: Mapped[PaymentMethod]
    locale: Mapped[Locale]
    currency: Mapped[str]
    subtotal_minor: Mapped[int] = mapped_column(BigInteger)
    shipping_minor: Mapped[int] = mapped_column(BigInteger)
    discount_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    recipient: Mapped[str]
    phone: Mapped[str]
    street: Mapped[str]
    town: Mapped[str]
    wilaya_code: Mapped[str]
    wilaya_name: Mapped[LocalizedText]
    postal_code: Mapped[str | None]
    rejection: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """The refusals of a rejected checkout: code, message and variant of each."""
    cancel_reason: Mapped[str | None]
    placed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class OrderLineRow(Identified, Base):
    """One variant as it was sold."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price_minor >= 0", name="unit_price"),
        CheckConstraint("total_minor = unit_price_minor * quantity", name="total"),
        CheckConstraint("fulfilled_quantity BETWEEN 0 AND quantity", name="fulfilled_quantity"),
        Index("ix_order_lines_variant_id", "variant_id"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    position: Mapped[int]
    variant_id: Mapped[UUID]
    product_id: Mapped[UUID]
    sku: Mapped[str]
    product_name: Mapped[LocalizedText]
    variant_name: Mapped[LocalizedText]
    quantity: Mapped[int]
    fulfilled_quantity: Mapped[int]
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int] = mapped_column(BigInteger)


class OrderEventRow(Identified, Base):
    """One entry of an order's timeline; a trigger refuses to change or remove any."""

    __tablename__ = "order_events"
    __table_args__ = (Index("ix_order_events_order_id_sequence", "order_id", "sequence"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    type: Mapped[str]
    actor: Mapped[Actor]
    actor_id: Mapped[UUID | None]
    note: Mapped[str | None]
    occurred_at: Mapped[datetime]


class FulfillmentRow(Identified, Timestamped, Versioned, Base):
    """One parcel."""

    __tablename__ = "fulfillments"
    __table_args__ = (Index("ix_fulfillments_order_id", "order_id"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    organization_id: Mapped[UUID]
    status: Mapped[FulfillmentStatus]
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None]


class FulfillmentLineRow(Base):
    """How many pieces of an order line a parcel holds."""

    __tablename__ = "fulfillment_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_fulfillment_lines_order_line_id", "order_line_id"),
    )

    fulfillment_id: Mapped[UUID] = mapped_column(
        ForeignKey("fulfillments.id", ondelete="CASCADE"), primary_key=True
    )
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"), primary_key=True)
    quantity: Mapped[int]
