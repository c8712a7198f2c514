"""Carts, orders with their lines and timeline, fulfilments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from subgraphs.kit.kit_tables import create_kit_tables, drop_kit_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the first tables of orders."""
    create_kit_tables()
    _create_carts()
    _create_orders()
    _create_order_lines()
    _create_order_events()
    _create_fulfillments()


def downgrade() -> None:
    """Drops them."""
    for table in ("fulfillment_lines", "fulfillments", "order_events", "order_lines", "orders"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_order_events()")
    for table in ("order_counters", "cart_lines", "carts"):
        op.drop_table(table)
    drop_kit_tables()


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _state(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.String(24), nullable=False)


def _minor(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _names(name: str) -> sa.Column[object]:
    return sa.Column(name, JSONB(), nullable=False)


def _moment(name: str, *, nullable: bool = False, default: bool = False) -> sa.Column[object]:
    now = sa.text("now()") if default else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=now)


def _timestamps() -> tuple[sa.Column[object], ...]:
    return _moment("created_at", default=True), _moment("updated_at", default=True)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)


def _create_carts() -> None:
    op.create_table(
        "carts",
        _id("id"),
        _id("customer_id", nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=True),
        _id("organization_id", nullable=True),
        _state("status"),
        _text("currency"),
        _moment("expires_at"),
        *_timestamps(),
        _version(),
        sa.PrimaryKeyConstraint("id", name="pk_carts"),
        sa.CheckConstraint("(customer_id IS NULL) <> (secret_hash IS NULL)", name="ck_carts_one_owner"),
    )
    op.create_index("ix_carts_customer_id", "carts", ["customer_id"])
    op.create_index(
        "ix_carts_expires_at", "carts", ["expires_at"], postgresql_where=sa.text("status = 'OPEN'")
    )
    op.create_table(
        "cart_lines",
        _id("id"),
        _id("cart_id"),
        _count("position"),
        _id("variant_id"),
        _count("quantity"),
        _minor("unit_price_minor"),
        *_timestamps(),
        sa.PrimaryKeyConstraint("id", name="pk_cart_lines"),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name="fk_cart_lines_cart_id", ondelete="CASCADE"),
        sa.UniqueConstraint("cart_id", "variant_id", name="uq_cart_lines_cart_id_variant_id"),
        sa.CheckConstraint("quantity > 0", name="ck_cart_lines_quantity"),
        sa.CheckConstraint("unit_price_minor >= 0", name="ck_cart_lines_unit_price"),
    )


def _create_orders() -> None:
    op.create_table(
        "order_counters",
        _id("organization_id"),
        _minor("last_number"),
        sa.PrimaryKeyConstraint("organization_id", name="pk_order_counters"),
    )
    op.create_table(
        "orders",
        _id("id"),
        _id("organization_id"),
        sa.Column("number", sa.BigInteger(), nullable=True),
        _id("cart_id"),
        _id("customer_id", nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=True),
        *[_state(name) for name in ("status", "authorize_status", "charge_status", "fulfillment_status")],
        _state("stock"),
        _moment("stock_changed_at"),
        _state("payment_method"),
        _state("locale"),
        _text("currency"),
        *[_minor(f"{name}_minor") for name in ("subtotal", "shipping", "discount", "total")],
        *[_text(name) for name in ("recipient", "phone", "street", "town", "wilaya_code")],
        _names("wilaya_name"),
        _text("postal_code", nullable=True),
        sa.Column("rejection", JSONB(none_as_null=True), nullable=True),
        _text("cancel_reason", nullable=True),
        _moment("placed_at", nullable=True),
        _moment("cancelled_at", nullable=True),
        *_timestamps(),
        _version(),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("organization_id", "number", name="uq_orders_organization_id_number"),
        sa.CheckConstraint(
            "total_minor = subtotal_minor + shipping_minor - discount_minor", name="ck_orders_total"
        ),
        sa.CheckConstraint(
            "shipping_minor >= 0 AND discount_minor >= 0 AND total_minor >= 0", name="ck_orders_amounts"
        ),
    )
    _index_orders()


def _index_orders() -> None:
    op.create_index(
        "uq_orders_live_cart_id",
        "orders",
        ["cart_id"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('REJECTED', 'EXPIRED')"),
    )
    op.create_index("ix_orders_organization_id_created_at", "orders", ["organization_id", "created_at", "id"])
    op.create_index("ix_orders_customer_id_created_at", "orders", ["customer_id", "created_at", "id"])
    op.create_index(
        "ix_orders_unsettled",
        "orders",
        ["stock", "stock_changed_at"],
        postgresql_where=sa.text("stock IN ('RESERVING', 'RESERVED', 'RELEASING', 'SHIPPING')"),
    )


def _create_order_lines() -> None:
    op.create_table(
        "order_lines",
        _id("id"),
        _id("order_id"),
        _count("position"),
        _id("variant_id"),
        _id("product_id"),
        _text("sku"),
        _names("product_name"),
        _names("variant_name"),
        _count("quantity"),
        _count("fulfilled_quantity"),
        _minor("unit_price_minor"),
        _minor("total_minor"),
        sa.PrimaryKeyConstraint("id", name="pk_order_lines"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_lines_order_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("order_id", "position", name="uq_order_lines_order_id_position"),
        sa.CheckConstraint("quantity > 0", name="ck_order_lines_quantity"),
        sa.CheckConstraint("unit_price_minor >= 0", name="ck_order_lines_unit_price"),
        sa.CheckConstraint("total_minor = unit_price_minor * quantity", name="ck_order_lines_total"),
        sa.CheckConstraint(
            "fulfilled_quantity BETWEEN 0 AND quantity", name="ck_order_lines_fulfilled_quantity"
        ),
    )
    op.create_index("ix_order_lines_variant_id", "order_lines", ["variant_id"])


def _create_order_events() -> None:
    op.create_table(
        "order_events",
        _id("id"),
        _id("order_id"),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _text("type"),
        _state("actor"),
        _id("actor_id", nullable=True),
        _text("note", nullable=True),
        _moment("occurred_at"),
        sa.PrimaryKeyConstraint("id", name="pk_order_events"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_events_order_id"),
        sa.UniqueConstraint("sequence", name="uq_order_events_sequence"),
    )
    op.create_index("ix_order_events_order_id_sequence", "order_events", ["order_id", "sequence"])
    op.execute(
        "CREATE FUNCTION refuse_change_of_order_events() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'order_events is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER order_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_order_events()"
    )


def _create_fulfillments() -> None:
    op.create_table(
        "fulfillments",
        _id("id"),
        _id("order_id"),
        _id("organization_id"),
        _state("status"),
        _text("carrier", nullable=True),
        _text("tracking_number", nullable=True),
        *_timestamps(),
        _version(),
        sa.PrimaryKeyConstraint("id", name="pk_fulfillments"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_fulfillments_order_id"),
    )
    op.create_index("ix_fulfillments_order_id", "fulfillments", ["order_id"])
    op.create_table(
        "fulfillment_lines",
        _id("fulfillment_id"),
        _id("order_line_id"),
        _count("quantity"),
        sa.PrimaryKeyConstraint("fulfillment_id", "order_line_id", name="pk_fulfillment_lines"),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["fulfillments.id"],
            name="fk_fulfillment_lines_fulfillment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name="fk_fulfillment_lines_order_line_id"
        ),
        sa.CheckConstraint("quantity > 0", name="ck_fulfillment_lines_quantity"),
    )
    op.create_index("ix_fulfillment_lines_order_line_id", "fulfillment_lines", ["order_line_id"])
