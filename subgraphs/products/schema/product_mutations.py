"""Mutations of products and variants."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

from typing import Any
from uuid import UUID

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission
from subgraphs.kit.context import Info
from subgraphs.kit.errors import NotFound
from subgraphs.kit.idempotency import IdempotentRequest, once
from subgraphs.kit.ids import read_id
from subgraphs.products.model.product_queries import own_products_by_ids
from subgraphs.products.model.tables import ProductStatus
from subgraphs.products.schema.ages import CHANGED, CREATED, MANY_CHANGED, VARIANT_CHANGED
from subgraphs.products.schema.bulk_inputs import ProductBulkUpsertInput
from subgraphs.products.schema.inputs import (
    ProductCreateInput,
    ProductUpdateInput,
    ProductVariantUpsertInput,
)
from subgraphs.products.schema.payloads import (
    ProductBulkResult,
    ProductBulkUpsertPayload,
    ProductPayload,
    ProductVariantPayload,
)
from subgraphs.products.schema.types import Product, ProductVariant
from subgraphs.products.service.bulk_upsert_products import RowResult, bulk_upsert_products
from subgraphs.products.service.create_product import create_product
from subgraphs.products.service.refusals import refusals_under
from subgraphs.products.service.texts import own_organization
from subgraphs.products.service.update_product import hold_product, set_status, update_product
from subgraphs.products.service.upsert_variant import archive_variant, upsert_variant
from subgraphs.products.service.write_product import Writing

WRITE = HasPermission("products:write")


@strawberry.type
class ProductMutations:
    @fields.mutation(allow=WRITE, directives=[CREATED])
    async def product_create(self, info: Info, input: ProductCreateInput) -> ProductPayload:
        writing = writing_of(info)
        with refusals_under("input"):
            if input.idempotency_key is None:
                return ProductPayload(product=Product.of(await create_product(writing, input.to_draft())))
            return await _create_once(writing, input, input.idempotency_key)

    @fields.mutation(allow=WRITE, directives=CHANGED)
    async def product_update(
        self, info: Info, id: strawberry.ID, input: ProductUpdateInput
    ) -> ProductPayload:
        writing, product_id = writing_of(info), read_id(id)
        with refusals_under("input"):
            row = await update_product(writing, product_id, input.to_draft(), input.expected_version)
        return ProductPayload(product=Product.of(row))

    @fields.mutation(allow=WRITE, description="Shows the product to everybody.", directives=CHANGED)
    async def product_publish(
        self, info: Info, id: strawberry.ID, expected_version: int | None = None
    ) -> ProductPayload:
        return await _set_status(info, id, ProductStatus.PUBLISHED, expected_version)

    @fields.mutation(allow=WRITE, description="Makes the product a draft again.", directives=CHANGED)
    async def product_unpublish(
        self, info: Info, id: strawberry.ID, expected_version: int | None = None
    ) -> ProductPayload:
        return await _set_status(info, id, ProductStatus.DRAFT, expected_version)

    @fields.mutation(
        allow=WRITE,
        description="Puts the product away; it is never deleted, for orders name it.",
        directives=CHANGED,
    )
    async def product_archive(
        self, info: Info, id: strawberry.ID, expected_version: int | None = None
    ) -> ProductPayload:
        return await _set_status(info, id, ProductStatus.ARCHIVED, expected_version)

    @fields.mutation(
        allow=WRITE,
        description="Creates or changes up to 100 products. Each row stands or falls alone; send "
        "refused rows again, corrected, under a new idempotency key.",
        directives=MANY_CHANGED,
    )
    async def product_bulk_upsert(
        self, info: Info, input: ProductBulkUpsertInput
    ) -> ProductBulkUpsertPayload:
        writing = writing_of(info)
        with refusals_under("input"):
            request = IdempotentRequest.of(writing.viewer, "productBulkUpsert", input.idempotency_key, input)

            async def effect() -> list[dict[str, Any]]:
                rows = [row.to_row() for row in input.rows]
                return [result.to_json() for result in await bulk_upsert_products(writing, rows)]

            stored = await once(writing.session, request, effect)
        return await _bulk_payload(writing, [RowResult.from_json(value) for value in stored])

    @fields.mutation(allow=WRITE, directives=VARIANT_CHANGED)
    async def product_variant_upsert(
        self, info: Info, input: ProductVariantUpsertInput
    ) -> ProductVariantPayload:
        with refusals_under("input"):
            draft = input.to_draft(_read_variant_id(input.id), input.expected_version)
            sold = await upsert_variant(writing_of(info), read_id(input.product_id), draft)
        return ProductVariantPayload(variant=ProductVariant.of(*sold))

    @fields.mutation(
        allow=WRITE,
        description="Takes the variant off sale; orders go on naming it.",
        directives=MANY_CHANGED,
    )
    async def product_variant_archive(self, info: Info, id: strawberry.ID) -> ProductVariantPayload:
        sold = await archive_variant(writing_of(info), read_id(id))
        return ProductVariantPayload(variant=ProductVariant.of(*sold))


def writing_of(info: Info) -> Writing:
    """Returns in whose name and in which transaction the mutation writes."""
    context = info.context
    return Writing(context.session, context.viewer, context.clock.now())


async def _create_once(writing: Writing, input: ProductCreateInput, key: str) -> ProductPayload:
    request = IdempotentRequest.of(writing.viewer, "productCreate", key, input)

    async def effect() -> str:
        return str((await create_product(writing, input.to_draft())).id)

    product_id = await once(writing.session, request, effect)
    return ProductPayload(product=Product.of(await hold_product(writing, UUID(product_id))))


async def _set_status(
    info: Info, id: strawberry.ID, to: ProductStatus, expected_version: int | None
) -> ProductPayload:
    row = await set_status(writing_of(info), read_id(id), to, expected_version)
    return ProductPayload(product=Product.of(row))


def _read_variant_id(given: strawberry.ID | None) -> UUID | None:
    if given is None:
        return None
    found = read_id(given)
    if found is None:
        raise NotFound("The product has no such variant", field=["id"])
    return found


async def _bulk_payload(writing: Writing, results: list[RowResult]) -> ProductBulkUpsertPayload:
    ids = [result.product_id for result in results if result.product_id is not None]
    products = await own_products_by_ids(writing.session, own_organization(writing.viewer), ids)
    created = sum(result.created for result in results)
    return ProductBulkUpsertPayload(
        results=[ProductBulkResult.of(index, result, products) for index, result in enumerate(results)],
        created_count=created,
        updated_count=len(ids) - created,
        refused_count=len(results) - len(ids),
    )
