"""Conditions over products that reach into other tables."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from subgraphs.kit.locales import Locale
from subgraphs.products.model.tables import ProductRow, ProductTagRow, VariantRow
from subgraphs.products.model.taxonomy_queries import category_or_below

LANGUAGE_COLUMNS = [type_coerce(ProductRow.name, JSONB)[locale.value].astext for locale in Locale]


def stands_in(category_ids: Sequence[UUID] | None) -> ColumnElement[bool]:
    """Returns the condition of products in these categories or below; None asks for any category at all."""
    if category_ids is None:
        return ProductRow.category_id.is_not(None)
    # Absent counts as outside, so that NOT means the others and not nothing.
    inside = ProductRow.category_id.in_(category_or_below(category_ids))
    return inside & ProductRow.category_id.is_not(None)


def carries_tag(tag_ids: Sequence[UUID] | None) -> ColumnElement[bool]:
    """Returns the condition of products with one of the tags; None asks for any tag at all."""
    tagged = select(ProductTagRow.product_id).where(ProductTagRow.product_id == ProductRow.id)
    if tag_ids is not None:
        tagged = tagged.where(ProductTagRow.tag_id.in_(tag_ids))
    return exists(tagged)


def has_variant(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Returns the condition of products with a variant on sale that meets the condition."""
    return exists(
        select(VariantRow.id).where(
            VariantRow.product_id == ProductRow.id, VariantRow.archived_at.is_(None), condition
        )
    )
