"""Inventory's tables."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, MetaData, UniqueConstraint, literal, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.inventory.model.states import (
    Hold,
    ReservationStatus,
    StockAdjustmentReason,
    StockMovementKind,
    StockTransferStatus,
    Word,
)
from subgraphs.kit.tables import COLUMN_TYPES, NAMING_CONVENTION, Identified, Timestamped, Versioned

LOW_STOCK_THRESHOLD = 5


class Base(DeclarativeBase):
    """Base of inventory's tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = COLUMN_TYPES


class WarehouseRow(Identified, Timestamped, Versioned, Base):
    """A place where goods lie. Allocation prefers the lowest priority number."""

    __tablename__ = "warehouses"
    __table_args__ = (
        UniqueConstraint("organization_id", "code"),
        CheckConstraint("wilaya BETWEEN 1 AND 99", name="wilaya"),
    )

    organization_id: Mapped[UUID]
    code: Mapped[str]
    name: Mapped[str]
    wilaya: Mapped[int]
    priority: Mapped[int]
    is_active: Mapped[bool]


class StockItemRow(Identified, Timestamped, Base):
    """One organization's stock of one variant; its row lock guards everything below it.

    Unique per organization and not per variant alone: nobody can take another seller's variant over by
    receiving it first.
    """

    __tablename__ = "stock_items"
    __table_args__ = (
        UniqueConstraint("organization_id", "variant_id"),
        Index("ix_stock_items_variant_id", "variant_id"),
        Index("ix_stock_items_product_id", "product_id"),
        CheckConstraint("low_stock_threshold >= 0", name="low_stock_threshold"),
    )

    organization_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    product_id: Mapped[UUID]
    low_stock_threshold: Mapped[int] = mapped_column(server_default=text(str(LOW_STOCK_THRESHOLD)))
    is_low: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether the last change left it at the threshold or below; an item begins low, having nothing."""


class StockLevelRow(Identified, Timestamped, Base):
    """What follows from the movements and reservations of one item in one warehouse.

    `reserved` counts lapsed reservations until the next change of the item or the sweeper takes them out;
    readers add them back by their timestamps.
    """

    __tablename__ = "stock_levels"
    __table_args__ = (
        UniqueConstraint("stock_item_id", "warehouse_id"),
        Index("ix_stock_levels_warehouse_id", "warehouse_id"),
        Index("ix_stock_levels_organization_id_variant_id", "organization_id", "variant_id"),
        CheckConstraint("reserved >= 0 AND allocated >= 0", name="holds_not_negative"),
        CheckConstraint("on_hand >= reserved + allocated", name="not_oversold"),
    )

    organization_id: Mapped[UUID]
    stock_item_id: Mapped[UUID] = mapped_column(ForeignKey("stock_items.id"))
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    variant_id: Mapped[UUID]
    on_hand: Mapped[int] = mapped_column(server_default=text("0"))
    reserved: Mapped[int] = mapped_column(server_default=text("0"))
    allocated: Mapped[int] = mapped_column(server_default=text("0"))


class StockMovementRow(Identified, Base):
    """Goods that came or went. Append-only: a trigger refuses every change."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        Index("ix_stock_movements_organization_id_occurred_at_id", "organization_id", "occurred_at", "id"),
        Index("ix_stock_movements_stock_item_id_warehouse_id", "stock_item_id", "warehouse_id"),
        Index("ix_stock_movements_reference", "reference"),
        CheckConstraint("quantity <> 0", name="quantity"),
    )

    organization_id: Mapped[UUID]
    stock_item_id: Mapped[UUID] = mapped_column(ForeignKey("stock_items.id"))
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    variant_id: Mapped[UUID]
    kind: Mapped[StockMovementKind] = mapped_column(Word(StockMovementKind))
    quantity: Mapped[int]
    reason: Mapped[StockAdjustmentReason | None] = mapped_column(Word(StockAdjustmentReason))
    note: Mapped[str | None]
    reference: Mapped[str | None]
    """The document behind it: a delivery note, the reference of a reservation, the id of a transfer."""
    actor_id: Mapped[UUID | None]
    service: Mapped[str | None]
    occurred_at: Mapped[datetime]


class ReservationRow(Identified, Timestamped, Base):
    """Stock put aside for a reference (an order, a cart). One row per reference, whatever becomes of it."""

    __tablename__ = "reservations"
    __table_args__ = (
        UniqueConstraint("organization_id", "reference"),
        Index(
            "uq_reservations_service_reference",
            "service",
            "reference",
            unique=True,
            postgresql_where=text("service IS NOT NULL"),
        ),
        Index("ix_reservations_expires_at", "expires_at", postgresql_where=text("status = 'active'")),
    )

    organization_id: Mapped[UUID]
    reference: Mapped[str]
    service: Mapped[str | None]
    """The service that made it; a service finds its own by reference alone."""
    status: Mapped[ReservationStatus] = mapped_column(Word(ReservationStatus))
    expires_at: Mapped[datetime]


class ReservationLineRow(Identified, Base):
    """What a reservation holds of one item in one warehouse."""

    __tablename__ = "reservation_lines"
    __table_args__ = (
        UniqueConstraint("reservation_id", "stock_item_id", "warehouse_id"),
        Index(
            "ix_reservation_lines_held",
            "stock_item_id",
            "warehouse_id",
            postgresql_where=text("hold = 'reserved'"),
        ),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    reservation_id: Mapped[UUID] = mapped_column(ForeignKey("reservations.id"))
    stock_item_id: Mapped[UUID] = mapped_column(ForeignKey("stock_items.id"))
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    variant_id: Mapped[UUID]
    quantity: Mapped[int]
    hold: Mapped[Hold] = mapped_column(Word(Hold))


# Written into the statement and not bound to it: a plan made for any value could not use the partial indexes.
IS_ACTIVE = ReservationRow.status == literal(
    ReservationStatus.ACTIVE, Word(ReservationStatus), literal_execute=True
)
IS_RESERVED = ReservationLineRow.hold == literal(Hold.RESERVED, Word(Hold), literal_execute=True)


class StockTransferRow(Identified, Timestamped, Versioned, Base):
    """Goods on their way from one warehouse to another."""

    __tablename__ = "stock_transfers"
    __table_args__ = (
        Index("ix_stock_transfers_organization_id", "organization_id"),
        CheckConstraint("from_warehouse_id <> to_warehouse_id", name="two_warehouses"),
    )

    organization_id: Mapped[UUID]
    from_warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    to_warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    status: Mapped[StockTransferStatus] = mapped_column(Word(StockTransferStatus))
    note: Mapped[str | None]


class StockTransferLineRow(Identified, Base):
    """How much of one item was sent, has arrived, and came back; the rest is on its way."""

    __tablename__ = "stock_transfer_lines"
    __table_args__ = (
        UniqueConstraint("transfer_id", "stock_item_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("received >= 0 AND returned >= 0", name="not_negative"),
        CheckConstraint("received + returned <= quantity", name="no_more_than_sent"),
    )

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("stock_transfers.id"))
    stock_item_id: Mapped[UUID] = mapped_column(ForeignKey("stock_items.id"))
    variant_id: Mapped[UUID]
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(server_default=text("0"))
    returned: Mapped[int] = mapped_column(server_default=text("0"))
