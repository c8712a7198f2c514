"""Products with slugs, variants and tags; categories; the trigram index they are searched by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from subgraphs.kit.kit_tables import create_kit_tables, drop_kit_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates products' first tables."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    create_kit_tables()
    _create_categories()
    _create_tags()
    _create_products()
    _create_slugs()
    _create_variants()
    _create_product_tags()


def downgrade() -> None:
    """Drops them; the extension may serve others and stays."""
    for table in ("product_tags", "variants", "product_slugs", "products", "tags", "categories"):
        op.drop_table(table)
    drop_kit_tables()


def _row_columns() -> tuple[sa.Column[object], ...]:
    now, moment = sa.text("now()"), sa.DateTime(timezone=True)
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.Column("updated_at", moment, server_default=now, nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )


def _create_categories() -> None:
    op.create_table(
        "categories",
        *_row_columns(),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", JSONB(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_categories"),
        sa.UniqueConstraint("organization_id", "slug", name="uq_categories_organization_id_slug"),
        sa.ForeignKeyConstraint(["parent_id"], ["categories.id"], name="fk_categories_parent_id"),
        sa.CheckConstraint("path[cardinality(path)] = id", name=op.f("ck_categories_path_ends_here")),
        sa.CheckConstraint(
            "path[cardinality(path) - 1] IS NOT DISTINCT FROM parent_id",
            name=op.f("ck_categories_path_leads_by_parent"),
        ),
    )
    op.create_index("ix_categories_parent_id_position", "categories", ["parent_id", "position"])
    op.create_index("ix_categories_path", "categories", ["path"], postgresql_using="gin")


def _create_tags() -> None:
    op.create_table(
        "tags",
        *_row_columns(),
        sa.Column("name", JSONB(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.UniqueConstraint("organization_id", "slug", name="uq_tags_organization_id_slug"),
    )


def _create_products() -> None:
    op.create_table(
        "products",
        *_row_columns(),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("name", JSONB(), nullable=False),
        sa.Column("description", JSONB(), nullable=False),
        sa.Column("slugs", JSONB(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("options", JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("price_min_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_max_minor", sa.BigInteger(), nullable=False),
        sa.Column("variant_count", sa.Integer(), nullable=False),
        sa.Column("search_name", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="fk_products_category_id"),
        sa.CheckConstraint(
            "status <> 'published' OR (variant_count > 0 AND currency IS NOT NULL)",
            name=op.f("ck_products_published_has_price"),
        ),
    )
    for columns in (
        ("organization_id", "created_at", "id"),
        ("created_at", "id"),
        ("search_name", "id"),
        ("price_min_minor", "id"),
        ("category_id",),
    ):
        op.create_index(f"ix_products_{'_'.join(columns)}", "products", list(columns))
    op.create_index(
        "ix_products_search_text",
        "products",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )


def _create_slugs() -> None:
    op.create_table(
        "product_slugs",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "slug", name="pk_product_slugs"),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name="fk_product_slugs_product_id",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_product_slugs_product_id", "product_slugs", ["product_id"])


def _create_variants() -> None:
    op.create_table(
        "variants",
        *_row_columns(),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("sku_folded", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("option_values", JSONB(), nullable=False),
        sa.Column("combination", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_variants"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_variants_product_id"),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_variants_price_not_negative")),
    )
    op.create_index("ix_variants_product_id_position", "variants", ["product_id", "position"])
    live = sa.text("archived_at IS NULL")
    for name, columns in (
        ("sku", ["organization_id", "sku_folded"]),
        ("barcode", ["organization_id", "barcode"]),
        ("combination", ["product_id", "combination"]),
    ):
        op.create_index(f"uq_variants_{name}", "variants", columns, unique=True, postgresql_where=live)


def _create_product_tags() -> None:
    op.create_table(
        "product_tags",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "tag_id", name="pk_product_tags"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_product_tags_product_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_product_tags_tag_id", ondelete="CASCADE"),
    )
    op.create_index("ix_product_tags_tag_id", "product_tags", ["tag_id"])
