"""What can be asked of products."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

from uuid import UUID

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.kit.asking import asks
from subgraphs.kit.context import Info
from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.filtering.ordering import keyset_of
from subgraphs.kit.filtering.where import compile_where
from subgraphs.kit.ids import read_id
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.keyset import SortKey
from subgraphs.kit.pagination.page import fetch_page
from subgraphs.products.model.product_queries import (
    listed_products,
    relevance_of,
    visible_products,
    visible_products_by_slug,
)
from subgraphs.products.model.tables import CategoryRow, ProductRow, TagRow
from subgraphs.products.model.taxonomy_queries import CATEGORIES, TAGS
from subgraphs.products.schema.ages import KEPT
from subgraphs.products.schema.facets import ProductFacets
from subgraphs.products.schema.filters import (
    CATEGORY_COLUMNS,
    PRODUCT_COLUMNS,
    TAG_COLUMNS,
    CategoryWhere,
    ProductWhere,
    TagWhere,
)
from subgraphs.products.schema.loaders import (
    load_categories,
    load_products,
    load_variants,
    load_variants_of_products,
)
from subgraphs.products.schema.ordering import (
    CATEGORY_ORDER,
    PRODUCT_ORDER,
    TAG_ORDER,
    CategoryOrder,
    CategoryOrderField,
    ProductOrder,
    TagOrder,
)
from subgraphs.products.schema.taxonomy import Category, Tag
from subgraphs.products.schema.types import Product, ProductVariant

VARIANTS_MAX = 100
SEARCH_LENGTH_MAX = 200
_NEWEST_FIRST = [SortKey("CREATED_AT", ProductRow.created_at, descending=True)]


@strawberry.type
class Query:
    @fields.listing(
        allow=Public(),
        description="Published products, and to an organization's staff its drafts; the newest first, "
        "or of a search the nearest first, unless `orderBy` says otherwise.",
        directives=[KEPT],
    )
    async def products(
        self,
        info: Info,
        page: PageArguments,
        where: ProductWhere | None = None,
        order_by: list[ProductOrder] | None = None,
        search: str | None = None,
    ) -> Connection[Product]:
        searched = _check_search(search)
        listed = listed_products(info.context.viewer, searched).where(compile_where(where, PRODUCT_COLUMNS))
        default = relevance_of(searched) if searched is not None else _NEWEST_FIRST
        keyset = keyset_of(order_by, PRODUCT_ORDER, ProductRow.id, default)
        found = await fetch_page(info.context.session, listed, keyset, page)
        if asks(info, "nodes.variants", "edges.node.variants"):
            await info.context.loaders.get(load_variants_of_products).load_now(row.id for row in found.items)
        return Connection.of(found, Product.of)

    @fields.query(allow=Public(), description="By id, or by any slug it has or had (say whose, if told to).")
    async def product(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        slug: str | None = None,
        organization_id: strawberry.ID | None = None,
    ) -> Product | None:
        if (id is None) == (slug is None):
            raise BadUserInput("Ask for a product by `id` or by `slug`")
        if slug is not None:
            row = await _product_by_slug(info, slug, organization_id)
        else:
            product_id = read_id(id or "")
            loader = info.context.loaders.get(load_products)
            row = await loader.load(product_id) if product_id is not None else None
        return Product.of(row) if row is not None else None

    @fields.query(allow=Public(), description="How the products of such a list divide; counts equal lists'.")
    async def product_facets(
        self, info: Info, where: ProductWhere | None = None, search: str | None = None
    ) -> ProductFacets:
        statement = visible_products(info.context.viewer, _check_search(search)).where(
            compile_where(where, PRODUCT_COLUMNS)
        )
        return ProductFacets(products=statement)

    @fields.query(
        allow=Public(),
        description="In the order of the ids; null for one that is missing or hidden.",
        directives=[KEPT],
    )
    async def variants(self, info: Info, ids: list[strawberry.ID]) -> list[ProductVariant | None]:
        if len(ids) > VARIANTS_MAX:
            raise BadUserInput(f"At most {VARIANTS_MAX} variants at once", maximum=VARIANTS_MAX)
        known = {text: found for text in ids if (found := read_id(text)) is not None}
        loaded = await info.context.loaders.get(load_variants).load_many(list(known.values()))
        rows = dict(zip(known, loaded, strict=True))
        found = [rows.get(text) for text in ids]
        return [ProductVariant.with_product(row) if row is not None else None for row in found]

    @fields.listing(
        allow=Public(),
        description="Level by level; ask for the roots to walk down the tree.",
        directives=[KEPT],
    )
    async def categories(
        self,
        info: Info,
        page: PageArguments,
        where: CategoryWhere | None = None,
        order_by: list[CategoryOrder] | None = None,
    ) -> Connection[Category]:
        listed = CATEGORIES.where(compile_where(where, CATEGORY_COLUMNS))
        default = [
            SortKey(field.name, CATEGORY_ORDER[field])
            for field in (CategoryOrderField.DEPTH, CategoryOrderField.POSITION)
        ]
        keyset = keyset_of(order_by, CATEGORY_ORDER, CategoryRow.id, default)
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), Category.of)

    @fields.query(allow=Public(), directives=[KEPT])
    async def category(self, info: Info, id: strawberry.ID) -> Category | None:
        category_id = read_id(id)
        loader = info.context.loaders.get(load_categories)
        row = await loader.load(category_id) if category_id is not None else None
        return Category.of(row) if row is not None else None

    @fields.listing(allow=Public(), directives=[KEPT])
    async def tags(
        self,
        info: Info,
        page: PageArguments,
        where: TagWhere | None = None,
        order_by: list[TagOrder] | None = None,
    ) -> Connection[Tag]:
        listed = TAGS.where(compile_where(where, TAG_COLUMNS))
        keyset = keyset_of(order_by, TAG_ORDER, TagRow.id, [SortKey("SLUG", TagRow.slug)])
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), Tag.of)


async def _product_by_slug(info: Info, slug: str, organization_id: strawberry.ID | None) -> ProductRow | None:
    context = info.context
    owner: UUID | None = None
    if organization_id is not None:
        owner = read_id(organization_id)
        if owner is None:
            return None
    rows = await visible_products_by_slug(context.session, context.viewer, slug, owner)
    if len(rows) > 1:
        raise BadUserInput("Several shops have this slug; say `organizationId` too")
    return rows[0] if rows else None


def _check_search(search: str | None) -> str | None:
    if search is not None and len(search) > SEARCH_LENGTH_MAX:
        raise BadUserInput(f"`search` has at most {SEARCH_LENGTH_MAX} characters")
    return search.strip() or None if search is not None else None
