"""What product mutations answer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry

from subgraphs.kit.user_errors import UserError
from subgraphs.products.model.tables import ProductRow
from subgraphs.products.schema.taxonomy import Category, Tag
from subgraphs.products.schema.types import Product, ProductVariant
from subgraphs.products.service.bulk_upsert_products import RowResult


@strawberry.enum
class ProductErrorCode(Enum):
    SLUG_TAKEN = "SLUG_TAKEN"
    SKU_TAKEN = "SKU_TAKEN"
    BARCODE_TAKEN = "BARCODE_TAKEN"
    DUPLICATE_COMBINATION = "DUPLICATE_COMBINATION"
    OPTIONS_MISMATCH = "OPTIONS_MISMATCH"
    MIXED_CURRENCIES = "MIXED_CURRENCIES"
    NOTHING_TO_SELL = "NOTHING_TO_SELL"
    FORBIDDEN_TRANSITION = "FORBIDDEN_TRANSITION"
    CATEGORY_CYCLE = "CATEGORY_CYCLE"
    CATEGORY_TOO_DEEP = "CATEGORY_TOO_DEEP"
    CATEGORY_NOT_EMPTY = "CATEGORY_NOT_EMPTY"
    DUPLICATE_ROW = "DUPLICATE_ROW"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_INPUT = "INVALID_INPUT"
    NOT_ALLOWED = "NOT_ALLOWED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"


@strawberry.type
class ProductError(UserError):
    code: ProductErrorCode

    @classmethod
    def of_json(cls, error: Mapping[str, Any]) -> ProductError:
        """Returns the refusal of a bulk row."""
        return cls(code=ProductErrorCode(error["code"]), message=error["message"], field=error["field"])


@strawberry.type
class ProductPayload:
    product: Product | None = None
    user_errors: list[ProductError] = strawberry.field(default_factory=list)


@strawberry.type
class ProductVariantPayload:
    variant: ProductVariant | None = None
    user_errors: list[ProductError] = strawberry.field(default_factory=list)


@strawberry.type(description="What became of one row.")
class ProductBulkResult:
    index: int
    created: bool
    product: Product | None
    user_errors: list[ProductError]

    @classmethod
    def of(cls, index: int, result: RowResult, products: Mapping[UUID, ProductRow]) -> ProductBulkResult:
        """Returns the result as the API shows it."""
        row = products.get(result.product_id) if result.product_id is not None else None
        return cls(
            index=index,
            created=result.created,
            product=Product.of(row) if row is not None else None,
            user_errors=[ProductError.of_json(error) for error in result.errors],
        )


@strawberry.type
class ProductBulkUpsertPayload:
    results: list[ProductBulkResult] | None = strawberry.field(
        default=None, description="One per row, in order; null when the call as a whole is refused."
    )
    created_count: int | None = None
    updated_count: int | None = None
    refused_count: int | None = None
    user_errors: list[ProductError] = strawberry.field(default_factory=list)


@strawberry.type
class CategoryPayload:
    category: Category | None = None
    user_errors: list[ProductError] = strawberry.field(default_factory=list)


@strawberry.type
class TagPayload:
    tag: Tag | None = None
    user_errors: list[ProductError] = strawberry.field(default_factory=list)


@strawberry.type
class CategoryDeletePayload:
    deleted_id: strawberry.ID | None = None
    user_errors: list[ProductError] = strawberry.field(default_factory=list)


@strawberry.type
class TagDeletePayload:
    deleted_id: strawberry.ID | None = None
    user_errors: list[ProductError] = strawberry.field(default_factory=list)
