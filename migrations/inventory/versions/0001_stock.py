"""Warehouses, stock items with levels and movements, reservations, transfers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subgraphs.kit.kit_tables import create_kit_tables, drop_kit_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "stock_transfer_lines",
    "stock_transfers",
    "reservation_lines",
    "reservations",
    "stock_movements",
    "stock_levels",
    "stock_items",
    "warehouses",
)


def upgrade() -> None:
    """Creates inventory's first tables."""
    create_kit_tables()
    _create_warehouses_and_items()
    _create_levels()
    _create_movements()
    _refuse_changes_of_movements()
    _create_reservations()
    _create_transfers()


def downgrade() -> None:
    """Drops them."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_movements()")
    drop_kit_tables()


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer(), nullable=False, server_default=sa.text(default) if default is not None else None
    )


def _timestamps() -> tuple[sa.Column[object], ...]:
    return tuple(
        sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))
        for name in ("created_at", "updated_at")
    )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _create_warehouses_and_items() -> None:
    op.create_table(
        "warehouses",
        _id("id"),
        _id("organization_id"),
        _text("code"),
        _text("name"),
        _number("wilaya"),
        _number("priority"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *_timestamps(),
        _number("version", "1"),
        sa.PrimaryKeyConstraint("id", name="pk_warehouses"),
        sa.UniqueConstraint("organization_id", "code", name="uq_warehouses_organization_id_code"),
        sa.CheckConstraint("wilaya BETWEEN 1 AND 99", name="ck_warehouses_wilaya"),
    )
    op.create_table(
        "stock_items",
        _id("id"),
        _id("organization_id"),
        _id("variant_id"),
        _id("product_id"),
        _number("low_stock_threshold", "5"),
        sa.Column("is_low", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        *_timestamps(),
        sa.PrimaryKeyConstraint("id", name="pk_stock_items"),
        sa.UniqueConstraint(
            "organization_id", "variant_id", name="uq_stock_items_organization_id_variant_id"
        ),
        sa.CheckConstraint("low_stock_threshold >= 0", name="ck_stock_items_low_stock_threshold"),
    )
    op.create_index("ix_stock_items_variant_id", "stock_items", ["variant_id"])
    op.create_index("ix_stock_items_product_id", "stock_items", ["product_id"])


def _create_levels() -> None:
    op.create_table(
        "stock_levels",
        _id("id"),
        _id("organization_id"),
        _id("stock_item_id"),
        _id("warehouse_id"),
        _id("variant_id"),
        _number("on_hand", "0"),
        _number("reserved", "0"),
        _number("allocated", "0"),
        *_timestamps(),
        sa.PrimaryKeyConstraint("id", name="pk_stock_levels"),
        sa.UniqueConstraint(
            "stock_item_id", "warehouse_id", name="uq_stock_levels_stock_item_id_warehouse_id"
        ),
        _refers("stock_levels", "stock_item_id", "stock_items"),
        _refers("stock_levels", "warehouse_id", "warehouses"),
        sa.CheckConstraint("reserved >= 0 AND allocated >= 0", name="ck_stock_levels_holds_not_negative"),
        sa.CheckConstraint("on_hand >= reserved + allocated", name="ck_stock_levels_not_oversold"),
    )
    op.create_index("ix_stock_levels_warehouse_id", "stock_levels", ["warehouse_id"])
    op.create_index(
        "ix_stock_levels_organization_id_variant_id", "stock_levels", ["organization_id", "variant_id"]
    )


def _create_movements() -> None:
    op.create_table(
        "stock_movements",
        _id("id"),
        _id("organization_id"),
        _id("stock_item_id"),
        _id("warehouse_id"),
        _id("variant_id"),
        _text("kind"),
        _number("quantity"),
        _text("reason", nullable=True),
        _text("note", nullable=True),
        _text("reference", nullable=True),
        _id("actor_id", nullable=True),
        _text("service", nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stock_movements"),
        _refers("stock_movements", "stock_item_id", "stock_items"),
        _refers("stock_movements", "warehouse_id", "warehouses"),
        sa.CheckConstraint("quantity <> 0", name="ck_stock_movements_quantity"),
    )
    op.create_index(
        "ix_stock_movements_organization_id_occurred_at_id",
        "stock_movements",
        ["organization_id", "occurred_at", "id"],
    )
    op.create_index(
        "ix_stock_movements_stock_item_id_warehouse_id", "stock_movements", ["stock_item_id", "warehouse_id"]
    )
    op.create_index("ix_stock_movements_reference", "stock_movements", ["reference"])


def _refuse_changes_of_movements() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_change_of_movements() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'stock movements are append-only: % refused', TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER stock_movements_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_movements()
        """
    )


def _create_reservations() -> None:
    op.create_table(
        "reservations",
        _id("id"),
        _id("organization_id"),
        _text("reference"),
        _text("service", nullable=True),
        _text("status"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *_timestamps(),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
        sa.UniqueConstraint("organization_id", "reference", name="uq_reservations_organization_id_reference"),
    )
    op.create_index(
        "uq_reservations_service_reference",
        "reservations",
        ["service", "reference"],
        unique=True,
        postgresql_where=sa.text("service IS NOT NULL"),
    )
    op.create_index(
        "ix_reservations_expires_at",
        "reservations",
        ["expires_at"],
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "reservation_lines",
        _id("id"),
        _id("reservation_id"),
        _id("stock_item_id"),
        _id("warehouse_id"),
        _id("variant_id"),
        _number("quantity"),
        _text("hold"),
        sa.PrimaryKeyConstraint("id", name="pk_reservation_lines"),
        sa.UniqueConstraint(
            "reservation_id",
            "stock_item_id",
            "warehouse_id",
            name="uq_reservation_lines_reservation_id_stock_item_id_warehouse_id",
        ),
        _refers("reservation_lines", "reservation_id", "reservations"),
        _refers("reservation_lines", "stock_item_id", "stock_items"),
        _refers("reservation_lines", "warehouse_id", "warehouses"),
        sa.CheckConstraint("quantity > 0", name="ck_reservation_lines_quantity"),
    )
    op.create_index(
        "ix_reservation_lines_held",
        "reservation_lines",
        ["stock_item_id", "warehouse_id"],
        postgresql_where=sa.text("hold = 'reserved'"),
    )


def _create_transfers() -> None:
    op.create_table(
        "stock_transfers",
        _id("id"),
        _id("organization_id"),
        _id("from_warehouse_id"),
        _id("to_warehouse_id"),
        _text("status"),
        _text("note", nullable=True),
        *_timestamps(),
        _number("version", "1"),
        sa.PrimaryKeyConstraint("id", name="pk_stock_transfers"),
        _refers("stock_transfers", "from_warehouse_id", "warehouses"),
        _refers("stock_transfers", "to_warehouse_id", "warehouses"),
        sa.CheckConstraint("from_warehouse_id <> to_warehouse_id", name="ck_stock_transfers_two_warehouses"),
    )
    op.create_index("ix_stock_transfers_organization_id", "stock_transfers", ["organization_id"])
    op.create_table(
        "stock_transfer_lines",
        _id("id"),
        _id("transfer_id"),
        _id("stock_item_id"),
        _id("variant_id"),
        _number("quantity"),
        _number("received", "0"),
        _number("returned", "0"),
        sa.PrimaryKeyConstraint("id", name="pk_stock_transfer_lines"),
        sa.UniqueConstraint(
            "transfer_id", "stock_item_id", name="uq_stock_transfer_lines_transfer_id_stock_item_id"
        ),
        _refers("stock_transfer_lines", "transfer_id", "stock_transfers"),
        _refers("stock_transfer_lines", "stock_item_id", "stock_items"),
        sa.CheckConstraint("quantity > 0", name="ck_stock_transfer_lines_quantity"),
        sa.CheckConstraint("received >= 0 AND returned >= 0", name="ck_stock_transfer_lines_not_negative"),
        sa.CheckConstraint(
            "received + returned <= quantity", name="ck_stock_transfer_lines_no_more_than_sent"
        ),
    )
