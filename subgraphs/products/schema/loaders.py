"""What list items refer to, a statement per kind."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from subgraphs.kit.context import RequestContext
from subgraphs.kit.loaders import in_order
from subgraphs.products.model.product_queries import visible_products_by_ids
from subgraphs.products.model.tables import CategoryRow, ProductRow, TagRow, VariantRow
from subgraphs.products.model.taxonomy_queries import (
    categories_by_ids,
    children_by_parents,
    tags_by_ids,
    tags_by_products,
)
from subgraphs.products.model.variant_queries import live_variants_by_products, visible_variants_by_ids


async def load_products(context: RequestContext, ids: Sequence[UUID]) -> list[ProductRow | None]:
    """Loads the products the viewer may see."""
    return in_order(ids, await visible_products_by_ids(context.session, context.viewer, ids))


async def load_variants(context: RequestContext, ids: Sequence[UUID]) -> list[VariantRow | None]:
    """Loads the variants the viewer may see, each with its product."""
    return in_order(ids, await visible_variants_by_ids(context.session, context.viewer, ids))


async def load_variants_of_products(
    context: RequestContext, product_ids: Sequence[UUID]
) -> list[list[VariantRow]]:
    """Loads the live variants of products that were found visible."""
    found = await live_variants_by_products(context.session, product_ids)
    return [found.get(product_id, []) for product_id in product_ids]


async def load_tags_of_products(context: RequestContext, product_ids: Sequence[UUID]) -> list[list[TagRow]]:
    """Loads the tags of products that were found visible."""
    found = await tags_by_products(context.session, product_ids)
    return [found.get(product_id, []) for product_id in product_ids]


async def load_categories(context: RequestContext, ids: Sequence[UUID]) -> list[CategoryRow | None]:
    """Loads categories."""
    return in_order(ids, await categories_by_ids(context.session, ids))


async def load_children(context: RequestContext, ids: Sequence[UUID]) -> list[list[CategoryRow]]:
    """Loads the categories right below each."""
    found = await children_by_parents(context.session, ids)
    return [found.get(category_id, []) for category_id in ids]


async def load_tags(context: RequestContext, ids: Sequence[UUID]) -> list[TagRow | None]:
    """Loads tags."""
    return in_order(ids, await tags_by_ids(context.session, ids))
