"""What product, category and tag lists can be filtered and sorted by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import ColumnElement, and_, or_, true
from strawberry import UNSET

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.filtering.inputs import (
    BigIntFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    StringFilter,
)
from subgraphs.kit.filtering.where import LIST_LENGTH_MAX, Columns, compile_filter, logical
from subgraphs.kit.ids import read_id
from subgraphs.kit.pagination.keyset import Column
from subgraphs.products.model.filter_conditions import (
    LANGUAGE_COLUMNS,
    carries_tag,
    has_variant,
    stands_in,
)
from subgraphs.products.model.tables import CategoryRow, ProductRow, TagRow, VariantRow
from subgraphs.products.schema.types import ProductStatusEnum


@strawberry.input(description="Belonging to one of those named; for categories, anywhere below as well.")
class ProductGroupFilter:
    eq: strawberry.ID | None = UNSET
    in_: list[strawberry.ID] | None = strawberry.field(name="in", default=UNSET)
    is_null: bool | None = UNSET


@strawberry.input
class ProductWhere:
    id: IDFilter | None = UNSET
    organization_id: IDFilter | None = UNSET
    status: EnumFilter[ProductStatusEnum] | None = UNSET  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    name: StringFilter | None = strawberry.field(description="The name in any language.", default=UNSET)
    sku: StringFilter | None = strawberry.field(description="The SKU of any variant on sale.", default=UNSET)
    barcode: StringFilter | None = strawberry.field(
        description="The barcode of any variant on sale.", default=UNSET
    )
    price: BigIntFilter | None = strawberry.field(
        description="The cheapest variant's price in minor units.", default=UNSET
    )
    currency: StringFilter | None = UNSET
    category_id: ProductGroupFilter | None = UNSET
    tag_id: ProductGroupFilter | None = UNSET
    created_at: DateTimeFilter | None = UNSET
    updated_at: DateTimeFilter | None = UNSET
    published_at: DateTimeFilter | None = UNSET
    and_: list[ProductWhere] | None = logical("AND")
    or_: list[ProductWhere] | None = logical("OR")
    not_: ProductWhere | None = logical("NOT")


@strawberry.input
class CategoryWhere:
    id: IDFilter | None = UNSET
    organization_id: IDFilter | None = UNSET
    parent_id: IDFilter | None = strawberry.field(description="isNull: true for the roots.", default=UNSET)
    slug: StringFilter | None = UNSET
    and_: list[CategoryWhere] | None = logical("AND")
    or_: list[CategoryWhere] | None = logical("OR")
    not_: CategoryWhere | None = logical("NOT")


@strawberry.input
class TagWhere:
    id: IDFilter | None = UNSET
    organization_id: IDFilter | None = UNSET
    slug: StringFilter | None = UNSET
    and_: list[TagWhere] | None = logical("AND")
    or_: list[TagWhere] | None = logical("OR")
    not_: TagWhere | None = logical("NOT")


def _name_matches(given: StringFilter) -> ColumnElement[bool]:
    return or_(*[compile_filter(given, column) for column in LANGUAGE_COLUMNS])


def _of_any_variant(column: Column) -> Callable[[Any], ColumnElement[bool]]:
    return lambda given: has_variant(compile_filter(given, column))


def _membership(
    belongs: Callable[[list[UUID] | None], ColumnElement[bool]],
) -> Callable[[ProductGroupFilter], ColumnElement[bool]]:
    def compile_membership(given: ProductGroupFilter) -> ColumnElement[bool]:
        asked = (given.in_, [given.eq] if given.eq is not UNSET else UNSET)
        parts = [belongs(_read_ids(ids)) for ids in asked if ids is not UNSET]
        if given.is_null is not UNSET and given.is_null is not None:
            to_any = belongs(None)
            parts.append(~to_any if given.is_null else to_any)
        return and_(true(), *parts)

    return compile_membership


def _read_ids(texts: list[Any] | None) -> list[UUID]:
    if texts is None or len(texts) > LIST_LENGTH_MAX:
        raise BadUserInput(f"A list in `where` has at most {LIST_LENGTH_MAX} values, and is never null")
    ids = [read_id(text) for text in texts]
    if None in ids:
        raise BadUserInput("`where` has an id that is not one")
    return [each for each in ids if each is not None]


PRODUCT_COLUMNS: Columns = {
    "id": ProductRow.id,
    "organization_id": ProductRow.organization_id,
    "status": ProductRow.status,
    "name": _name_matches,
    "sku": _of_any_variant(VariantRow.sku),
    "barcode": _of_any_variant(VariantRow.barcode),
    "price": ProductRow.price_min_minor,
    "currency": ProductRow.currency,
    "category_id": _membership(stands_in),
    "tag_id": _membership(carries_tag),
    "created_at": ProductRow.created_at,
    "updated_at": ProductRow.updated_at,
    "published_at": ProductRow.published_at,
}
CATEGORY_COLUMNS: Columns = {
    "id": CategoryRow.id,
    "organization_id": CategoryRow.organization_id,
    "parent_id": CategoryRow.parent_id,
    "slug": CategoryRow.slug,
}
TAG_COLUMNS: Columns = {"id": TagRow.id, "organization_id": TagRow.organization_id, "slug": TagRow.slug}
