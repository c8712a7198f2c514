"""Products' tables."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    MetaData,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from subgraphs.kit.locales import LocalizedText, LocalizedTextColumn
from subgraphs.kit.tables import COLUMN_TYPES, NAMING_CONVENTION, Identified, Timestamped, Versioned

STATUS_LENGTH_MAX = 16

_COLUMN_TYPES = {**COLUMN_TYPES, LocalizedText: LocalizedTextColumn()}


class Base(DeclarativeBase):
    """Base of products' tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = _COLUMN_TYPES


class ProductStatus(Enum):
    """Where a product stands between the drawing board and the attic."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


_STATUS_TYPE = EnumColumn(
    ProductStatus,
    native_enum=False,
    length=STATUS_LENGTH_MAX,
    values_callable=lambda members: [member.value for member in members],
)


class CategoryRow(Identified, Timestamped, Versioned, Base):
    """A place in an organization's tree of categories."""

    __tablename__ = "categories"
    __table_args__ = (
        UniqueConstraint("organization_id", "slug"),
        # A path that names a category twice would be a cycle; one that skips the parent would be a lie.
        CheckConstraint("path[cardinality(path)] = id", name="path_ends_here"),
        CheckConstraint(
            "path[cardinality(path) - 1] IS NOT DISTINCT FROM parent_id", name="path_leads_by_parent"
        ),
        Index("ix_categories_parent_id_position", "parent_id", "position"),
        Index("ix_categories_path", "path", postgresql_using="gin"),
    )

    organization_id: Mapped[UUID]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"))
    name: Mapped[LocalizedText]
    slug: Mapped[str]
    position: Mapped[int]
    path: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    """The ids from the root down to the category itself, so that a breadcrumb costs one statement."""


class TagRow(Identified, Timestamped, Versioned, Base):
    """A word products are found by."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("organization_id", "slug"),)

    organization_id: Mapped[UUID]
    name: Mapped[LocalizedText]
    slug: Mapped[str]


class ProductRow(Identified, Timestamped, Versioned, Base):
    """A product; columns from `currency` on are derived from its texts and its live variants."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint(
            "status <> 'published' OR (variant_count > 0 AND currency IS NOT NULL)",
            name="published_has_price",
        ),
        Index("ix_products_organization_id_created_at_id", "organization_id", "created_at", "id"),
        Index("ix_products_created_at_id", "created_at", "id"),
        Index("ix_products_search_name_id", "search_name", "id"),
        Index("ix_products_price_min_minor_id", "price_min_minor", "id"),
        Index("ix_products_category_id", "category_id"),
        Index(
            "ix_products_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    organization_id: Mapped[UUID]
    status: Mapped[ProductStatus] = mapped_column(_STATUS_TYPE)
    name: Mapped[LocalizedText]
    description: Mapped[LocalizedText]
    slugs: Mapped[LocalizedText]
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"))
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """[{"code", "name", "values": [{"code", "name"}]}]: read and written whole, never searched."""
    published_at: Mapped[datetime | None]

    currency: Mapped[str | None]
    """Null while there is no variant; the prices are 0 then, so that lists can be sorted by them."""
    price_min_minor: Mapped[int] = mapped_column(BigInteger)
    price_max_minor: Mapped[int] = mapped_column(BigInteger)
    variant_count: Mapped[int]
    search_name: Mapped[str]
    search_text: Mapped[str]


class ProductSlugRow(Base):
    """A slug and where it leads; one that is no longer current still does, until somebody else takes it."""

    __tablename__ = "product_slugs"
    __table_args__ = (Index("ix_product_slugs_product_id", "product_id"),)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    # Deferred, because a slug is claimed before its product is written.
    product_id: Mapped[UUID] = mapped_column(
        ForeignKey("products.id", deferrable=True, initially="DEFERRED", ondelete="CASCADE")
    )
    is_current: Mapped[bool]


class VariantRow(Identified, Timestamped, Versioned, Base):
    """What is bought: one choice of a product's options, with its own SKU and price."""

    __tablename__ = "variants"
    __table_args__ = (
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        Index(
            "uq_variants_sku",
            "organization_id",
            "sku_folded",
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
        Index(
            "uq_variants_barcode",
            "organization_id",
            "barcode",
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
        Index(
            "uq_variants_combination",
            "product_id",
            "combination",
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
        Index("ix_variants_product_id_position", "product_id", "position"),
    )

    organization_id: Mapped[UUID]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    sku: Mapped[str]
    sku_folded: Mapped[str]
    barcode: Mapped[str | None]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    option_values: Mapped[dict[str, Any]]
    """The value's code for each option's code."""
    combination: Mapped[str]
    """The same as one text, which is unique among the product's live variants."""
    position: Mapped[int]
    archived_at: Mapped[datetime | None]

    product: Mapped[ProductRow] = relationship(lazy="raise")


class ProductTagRow(Base):
    """A tag on a product."""

    __tablename__ = "product_tags"
    __table_args__ = (Index("ix_product_tags_tag_id", "tag_id"),)

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int]
