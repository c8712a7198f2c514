"""What lists can be sorted by."""

from __future__ import annotations

from enum import Enum

import strawberry
from sqlalchemy import func

from subgraphs.kit.filtering.ordering import SortDirection
from subgraphs.products.model.tables import CategoryRow, ProductRow, TagRow


@strawberry.enum
class ProductOrderField(Enum):
    NAME = "name"
    PRICE = "price"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


@strawberry.input
class ProductOrder:
    field: ProductOrderField
    direction: SortDirection = SortDirection.ASC


@strawberry.enum
class CategoryOrderField(Enum):
    POSITION = "position"
    SLUG = "slug"
    DEPTH = "depth"


@strawberry.input
class CategoryOrder:
    field: CategoryOrderField
    direction: SortDirection = SortDirection.ASC


@strawberry.enum
class TagOrderField(Enum):
    SLUG = "slug"


@strawberry.input
class TagOrder:
    field: TagOrderField
    direction: SortDirection = SortDirection.ASC


PRODUCT_ORDER = {
    ProductOrderField.NAME: ProductRow.search_name,
    ProductOrderField.PRICE: ProductRow.price_min_minor,
    ProductOrderField.CREATED_AT: ProductRow.created_at,
    ProductOrderField.UPDATED_AT: ProductRow.updated_at,
}
CATEGORY_ORDER = {
    CategoryOrderField.POSITION: CategoryRow.position,
    CategoryOrderField.SLUG: CategoryRow.slug,
    CategoryOrderField.DEPTH: func.cardinality(CategoryRow.path),
}
TAG_ORDER = {TagOrderField.SLUG: TagRow.slug}
