"""How a list of products divides by category, tag and status."""

from __future__ import annotations

import strawberry
from sqlalchemy import Select

from subgraphs.kit.context import Info
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.products.model.facet_queries import (
    count_by_category,
    count_by_status,
    count_by_tag,
    count_products,
)
from subgraphs.products.model.tables import ProductRow
from subgraphs.products.schema.taxonomy import Category, Tag
from subgraphs.products.schema.types import ProductStatusEnum


@strawberry.type(description="A category and how many products of the list stand in it or below it.")
class CategoryFacet:
    category: Category
    count: int


@strawberry.type(description="A tag and how many products of the list carry it.")
class TagFacet:
    tag: Tag
    count: int


@strawberry.type(description="A status and how many products of the list have it.")
class ProductStatusFacet:
    status: ProductStatusEnum  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    count: int


@strawberry.type(description="Each facet costs a statement, and only when it is asked for.")
class ProductFacets:
    products: strawberry.Private[Select[ProductRow]]

    @strawberry.field
    async def total_count(self, info: Info) -> int:
        return await count_products(info.context.session, self.products)

    @strawberry.field(description="The fullest first.")
    async def categories(self, info: Info, first: int = 50) -> list[CategoryFacet]:
        limit = PageArguments.of(first).size
        counted = await count_by_category(info.context.session, self.products, limit)
        return [CategoryFacet(category=Category.of(row), count=count) for row, count in counted]

    @strawberry.field(description="The most frequent first.")
    async def tags(self, info: Info, first: int = 50) -> list[TagFacet]:
        counted = await count_by_tag(info.context.session, self.products, PageArguments.of(first).size)
        return [TagFacet(tag=Tag.of(row), count=count) for row, count in counted]

    @strawberry.field
    async def statuses(self, info: Info) -> list[ProductStatusFacet]:
        counted = await count_by_status(info.context.session, self.products)
        return [ProductStatusFacet(status=status, count=count) for status, count in counted]
