"""The rows of a bulk call, read one by one: what cannot be read is refused alone."""

from __future__ import annotations

import strawberry

from subgraphs.kit.errors import DomainError, Refusals
from subgraphs.kit.value_types import LocalizedStringInput
from subgraphs.products.model.tables import ProductStatus
from subgraphs.products.schema.inputs import (
    ProductOptionInput,
    ProductVariantInput,
    read_optional_text,
    read_options,
    read_variants,
)
from subgraphs.products.service.bulk_upsert_products import BulkRow, RefusedRow
from subgraphs.products.service.drafts import ProductDraft
from subgraphs.products.service.refusals import errors_of


@strawberry.input(description="A product; what is left out stays as it is. A new one needs a name.")
class ProductBulkRowInput:
    slug: str = strawberry.field(description="Names the product: the one it leads to is changed, or made.")
    name: LocalizedStringInput | None = None
    description: LocalizedStringInput | None = None
    category: str | None = strawberry.field(
        default=None, description="A category's slug; the empty text takes the product out of its category."
    )
    tags: list[str] | None = strawberry.field(default=None, description="All of its tags, by slug.")
    options: list[ProductOptionInput] | None = None
    variants: list[ProductVariantInput] | None = None
    archive_other_variants: bool = False
    publish: bool | None = strawberry.field(
        default=None, description="true publishes it, false makes it a draft again."
    )

    def to_row(self) -> BulkRow | RefusedRow:
        """Returns the row, or why it cannot be read."""
        try:
            return BulkRow(self.slug, self._to_draft(), self.category, self.tags)
        except (DomainError, Refusals) as refusal:
            return RefusedRow(errors_of(refusal))

    def _to_draft(self) -> ProductDraft:
        statuses = {True: ProductStatus.PUBLISHED, False: ProductStatus.DRAFT}
        return ProductDraft(
            name=read_optional_text(self.name, ["name"]),
            description=read_optional_text(self.description, ["description"]),
            options=read_options(self.options),
            variants=read_variants(self.variants),
            archive_other_variants=self.archive_other_variants and self.variants is not None,
            status=statuses[self.publish] if self.publish is not None else None,
        )


@strawberry.input
class ProductBulkUpsertInput:
    idempotency_key: str
    rows: list[ProductBulkRowInput] = strawberry.field(description="At most 100.")
