"""Products and variants as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import strawberry
from strawberry import federation

from subgraphs.kit.caching import PART_OF_ITS_OWNER
from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, load_entities
from subgraphs.kit.locales import Locale, LocalizedText
from subgraphs.kit.money import Money
from subgraphs.kit.value_types import LocaleEnum, LocalizedString, MoneyType
from subgraphs.products.model.tables import ProductRow, ProductStatus, VariantRow
from subgraphs.products.schema.ages import KEPT
from subgraphs.products.schema.loaders import (
    load_categories,
    load_products,
    load_tags_of_products,
    load_variants,
    load_variants_of_products,
)
from subgraphs.products.schema.taxonomy import Category, Tag
from subgraphs.products.service.statuses import TRANSITIONS
from subgraphs.products.service.variant_names import variant_name

ProductStatusEnum = strawberry.enum(
    ProductStatus, name="ProductStatus", description="Whether and to whom a product is shown."
)


@strawberry.type(description="One value of an option: red.", directives=[PART_OF_ITS_OWNER])
class ProductOptionValue:
    code: str
    label: strawberry.Private[LocalizedText]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> ProductOptionValue:
        """Returns the value as the API shows it."""
        return cls(code=stored["code"], label=LocalizedText(**stored["name"]))

    @strawberry.field
    def name(self, locale: LocaleEnum = Locale.FR) -> str:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return self.label.value(locale)

    @strawberry.field
    def translations(self) -> LocalizedString:
        return LocalizedString.of(self.label)


@strawberry.type(description="Something the buyer chooses: the colour.", directives=[PART_OF_ITS_OWNER])
class ProductOption:
    code: str
    values: list[ProductOptionValue]
    label: strawberry.Private[LocalizedText]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> ProductOption:
        """Returns the option as the API shows it."""
        values = [ProductOptionValue.of(value) for value in stored["values"]]
        return cls(code=stored["code"], values=values, label=LocalizedText(**stored["name"]))

    @strawberry.field
    def name(self, locale: LocaleEnum = Locale.FR) -> str:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return self.label.value(locale)

    @strawberry.field
    def translations(self) -> LocalizedString:
        return LocalizedString.of(self.label)


@strawberry.type(
    description="The value a variant has of one of its product's options.", directives=[PART_OF_ITS_OWNER]
)
class ProductVariantOption:
    option: str = strawberry.field(description="The option's code.")
    value: str = strawberry.field(description="The value's code.")


@strawberry.type(description="From the cheapest to the dearest variant.", directives=[PART_OF_ITS_OWNER])
class PriceRange:
    min: MoneyType
    max: MoneyType


@strawberry.type(description="A product's texts in all their languages.", directives=[PART_OF_ITS_OWNER])
class ProductTranslations:
    name: LocalizedString
    slug: LocalizedString
    description: LocalizedString | None


@federation.type(
    keys=["id"], description="What is bought: one choice of a product's options.", directives=[KEPT]
)
class ProductVariant:
    row: strawberry.Private[VariantRow]
    owner: strawberry.Private[ProductRow]
    id: strawberry.ID
    organization_id: strawberry.ID
    sku: str
    barcode: str | None
    price: MoneyType
    is_purchasable: bool = strawberry.field(description="Published and on sale; of stock, inventory knows.")
    position: int
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, row: VariantRow, owner: ProductRow) -> ProductVariant:
        """Returns the variant of the product as the API shows it."""
        return cls(
            row=row,
            owner=owner,
            id=strawberry.ID(str(row.id)),
            organization_id=strawberry.ID(str(row.organization_id)),
            sku=row.sku,
            barcode=row.barcode,
            price=MoneyType.of(Money(row.price_minor, row.currency)),
            is_purchasable=owner.status is ProductStatus.PUBLISHED and row.archived_at is None,
            position=row.position,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )

    @classmethod
    def with_product(cls, row: VariantRow) -> ProductVariant:
        """Returns a variant that was read together with its product."""
        return cls.of(row, row.product)

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[ProductVariant | None]:
        """Answers the router."""
        loader = info.context.loaders.get(load_variants)
        return await load_entities(loader, representations, cls.with_product)

    @strawberry.field(description="The chosen values, `Rouge / M`; the product's name where there are none.")
    def name(self) -> LocalizedString:
        return LocalizedString.of(variant_name(self.owner, self.row))

    @strawberry.field
    def product_name(self) -> LocalizedString:
        return LocalizedString.of(self.owner.name)

    @strawberry.field
    def product(self) -> Product:
        return Product.of(self.owner)

    @strawberry.field(description="In the order of the product's options.")
    def options(self) -> list[ProductVariantOption]:
        chosen = self.row.option_values
        codes = [option["code"] for option in self.owner.options]
        return [ProductVariantOption(option=code, value=chosen[code]) for code in codes if code in chosen]


@federation.type(
    keys=["id"], description="Something a shop sells, in one or more variants.", directives=[KEPT]
)
class Product:
    row: strawberry.Private[ProductRow]
    id: strawberry.ID
    organization_id: strawberry.ID
    status: ProductStatusEnum  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    variant_count: int
    published_at: datetime | None = strawberry.field(description="When it was last published.")
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, row: ProductRow) -> Product:
        """Returns the product as the API shows it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            organization_id=strawberry.ID(str(row.organization_id)),
            status=row.status,
            variant_count=row.variant_count,
            published_at=row.published_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Product | None]:
        """Answers the router."""
        return await load_entities(info.context.loaders.get(load_products), representations, cls.of)

    @strawberry.field(description="The name in the locale, else in the nearest language that has it.")
    def name(self, locale: LocaleEnum = Locale.FR) -> str:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return self.row.name.value(locale)

    @strawberry.field(description="The slug in the locale, else in the nearest language that has one.")
    def slug(self, locale: LocaleEnum = Locale.FR) -> str:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return self.row.slugs.value(locale)

    @strawberry.field
    def description(self, locale: LocaleEnum = Locale.FR) -> str | None:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return self.row.description.value(locale) or None

    @strawberry.field
    def translations(self) -> ProductTranslations:
        row = self.row
        description = None if row.description.is_empty else LocalizedString.of(row.description)
        return ProductTranslations(
            name=LocalizedString.of(row.name), slug=LocalizedString.of(row.slugs), description=description
        )

    @strawberry.field(description="Null while there is no variant.")
    def price_range(self) -> PriceRange | None:
        row = self.row
        if row.currency is None:
            return None
        low, high = Money(row.price_min_minor, row.currency), Money(row.price_max_minor, row.currency)
        return PriceRange(min=MoneyType.of(low), max=MoneyType.of(high))

    @strawberry.field
    def options(self) -> list[ProductOption]:
        return [ProductOption.of(option) for option in self.row.options]

    @strawberry.field(description="The statuses it may be given next.")
    def next_statuses(self) -> list[ProductStatusEnum]:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return list(TRANSITIONS[self.row.status])

    @strawberry.field(description="Those on sale, in their order.")
    async def variants(self, info: Info) -> list[ProductVariant]:
        rows = await info.context.loaders.get(load_variants_of_products).load(self.row.id)
        return [ProductVariant.of(row, self.row) for row in rows]

    @strawberry.field
    async def category(self, info: Info) -> Category | None:
        if self.row.category_id is None:
            return None
        row = await info.context.loaders.get(load_categories).load(self.row.category_id)
        return Category.of(row) if row is not None else None

    @strawberry.field
    async def tags(self, info: Info) -> list[Tag]:
        rows = await info.context.loaders.get(load_tags_of_products).load(self.row.id)
        return [Tag.of(row) for row in rows]
