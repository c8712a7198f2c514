"""What product mutations take, and the drafts they mean."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from subgraphs.kit.errors import InvalidInput, NotFound
from subgraphs.kit.ids import read_id
from subgraphs.kit.locales import LocalizedText
from subgraphs.kit.money import Money
from subgraphs.kit.value_types import LocalizedStringInput, MoneyInput
from subgraphs.products.model.tables import ProductStatus
from subgraphs.products.service.drafts import (
    CategoryChoice,
    OptionDraft,
    OptionValueDraft,
    ProductDraft,
    VariantDraft,
)
from subgraphs.products.service.refusals import refusals_under

_PRICE_NEEDED = "Needed for a new variant; left out, the price stays."


@strawberry.input(description="One value of an option.")
class ProductOptionValueInput:
    code: str
    name: LocalizedStringInput


@strawberry.input(description="Something the buyer chooses.")
class ProductOptionInput:
    code: str
    name: LocalizedStringInput
    values: list[ProductOptionValueInput]

    def to_draft(self, field: list[str]) -> OptionDraft:
        """Returns the draft; `field` is where the option stands."""
        values = [
            OptionValueDraft(value.code, read_text(value.name, [*field, "values", str(index), "name"]))
            for index, value in enumerate(self.values)
        ]
        return OptionDraft(self.code, read_text(self.name, [*field, "name"]), values)


@strawberry.input(description="The value a variant has of one of its product's options, both by code.")
class ProductVariantOptionInput:
    option: str
    value: str


@strawberry.input(description="A variant, recognised within its product by the SKU.")
class ProductVariantInput:
    sku: str
    price: MoneyInput | None = strawberry.field(default=None, description=_PRICE_NEEDED)
    barcode: str | None = strawberry.field(default=None, description="The empty text takes it away.")
    options: list[ProductVariantOptionInput] | None = strawberry.field(
        default=None, description="One value of every option of the product."
    )
    position: int | None = None

    def to_draft(self, variant_id: UUID | None = None, expected_version: int | None = None) -> VariantDraft:
        """Returns the draft."""
        return VariantDraft(
            sku=self.sku,
            price=read_money(self.price),
            barcode=self.barcode,
            choices=_read_choices(self.options),
            position=self.position,
            variant_id=variant_id,
            expected_version=expected_version,
        )


@strawberry.input
class ProductCreateInput:
    name: LocalizedStringInput
    description: LocalizedStringInput | None = None
    slug: LocalizedStringInput | None = strawberry.field(
        default=None, description="Made from the name where a language has none."
    )
    category_id: strawberry.ID | None = None
    tag_ids: list[strawberry.ID] | None = None
    options: list[ProductOptionInput] | None = None
    variants: list[ProductVariantInput] | None = None
    publish: bool = False
    idempotency_key: str | None = None

    def to_draft(self) -> ProductDraft:
        """Returns the draft."""
        return ProductDraft(
            name=read_text(self.name, ["name"]),
            description=read_optional_text(self.description, ["description"]),
            slugs=read_optional_text(self.slug, ["slug"]),
            category=_read_category(self.category_id),
            tag_ids=_read_tags(self.tag_ids),
            options=read_options(self.options),
            variants=read_variants(self.variants),
            status=ProductStatus.PUBLISHED if self.publish else None,
        )


@strawberry.input(description="What is left out stays as it is.")
class ProductUpdateInput:
    name: LocalizedStringInput | None = strawberry.field(
        default=None, description="Replaces the name in all languages; slugs stay, for links to live on."
    )
    description: LocalizedStringInput | None = strawberry.field(
        default=UNSET, description="null takes it away."
    )
    slug: LocalizedStringInput | None = strawberry.field(
        default=None, description="For the languages given; former slugs go on leading here."
    )
    category_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="null takes it out of its category."
    )
    tag_ids: list[strawberry.ID] | None = None
    options: list[ProductOptionInput] | None = None
    variants: list[ProductVariantInput] | None = None
    archive_other_variants: bool = strawberry.field(
        default=False, description="Takes variants off sale that `variants` does not name."
    )
    expected_version: int | None = None

    def to_draft(self) -> ProductDraft:
        """Returns the draft."""
        described = self.description
        description = None if described is UNSET else read_optional_text(described, ["description"])
        return ProductDraft(
            name=read_optional_text(self.name, ["name"]),
            description=LocalizedText() if described is None else description,
            slugs=read_optional_text(self.slug, ["slug"]),
            category=CategoryChoice(None) if self.category_id is None else _read_category(self.category_id),
            tag_ids=_read_tags(self.tag_ids),
            options=read_options(self.options),
            variants=read_variants(self.variants),
            archive_other_variants=self.archive_other_variants and self.variants is not None,
        )


@strawberry.input(description="A single variant of a product, by its id, else by its SKU.")
class ProductVariantUpsertInput(ProductVariantInput):
    product_id: strawberry.ID
    id: strawberry.ID | None = None
    expected_version: int | None = None


def read_text(given: LocalizedStringInput, field: list[str]) -> LocalizedText:
    """Returns the text, or raises InvalidInput that says which field."""
    with refusals_under(*field):
        return given.to_text()


def read_money(given: MoneyInput | None) -> Money | None:
    """Returns the amount, if one is given."""
    if given is None:
        return None
    with refusals_under("price"):
        return given.to_money()


def read_optional_text(given: LocalizedStringInput | None, field: list[str]) -> LocalizedText | None:
    """Returns the text, if one is given."""
    return read_text(given, field) if given is not None else None


def _read_category(given: Any) -> CategoryChoice | None:
    if given is UNSET or given is None:
        return None
    return CategoryChoice(_read_known_id(given, "No such category", "categoryId"))


def _read_tags(given: list[strawberry.ID] | None) -> list[UUID] | None:
    return [_read_known_id(tag, "No such tag", "tagIds") for tag in given] if given is not None else None


def _read_known_id(text: str, complaint: str, field: str) -> UUID:
    found = read_id(text)
    if found is None:
        raise NotFound(complaint, field=[field])
    return found


def read_options(given: list[ProductOptionInput] | None) -> list[OptionDraft] | None:
    """Returns the options' drafts, if they are given."""
    if given is None:
        return None
    return [option.to_draft(["options", str(index)]) for index, option in enumerate(given)]


def read_variants(given: list[ProductVariantInput] | None) -> list[VariantDraft] | None:
    """Returns the variants' drafts, if they are given."""
    if given is None:
        return None
    drafts: list[VariantDraft] = []
    for index, variant in enumerate(given):
        with refusals_under("variants", str(index)):
            drafts.append(variant.to_draft())
    return drafts


def _read_choices(given: list[ProductVariantOptionInput] | None) -> dict[str, str] | None:
    if given is None:
        return None
    choices = {choice.option: choice.value for choice in given}
    if len(choices) < len(given):
        raise InvalidInput("An option is chosen twice", field=["options"])
    return choices
