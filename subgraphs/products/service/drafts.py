"""What callers want a product to become. None leaves a thing as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.kit.locales import LocalizedText
from subgraphs.kit.money import Money
from subgraphs.products.model.tables import ProductStatus


@dataclass(frozen=True, slots=True)
class OptionValueDraft:
    """One value of an option: red."""

    code: str
    name: LocalizedText


@dataclass(frozen=True, slots=True)
class OptionDraft:
    """Something the buyer chooses: the colour."""

    code: str
    name: LocalizedText
    values: Sequence[OptionValueDraft]


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant, recognised by its id or else, within its product, by its SKU."""

    sku: str
    price: Money | None = None
    barcode: str | None = None
    """The empty text takes the barcode away."""
    choices: Mapping[str, str] | None = None
    position: int | None = None
    variant_id: UUID | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """Into this category, or into none."""

    category_id: UUID | None


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product as it shall be."""

    name: LocalizedText | None = None
    description: LocalizedText | None = None
    """An empty text takes the description away."""
    slugs: LocalizedText | None = None
    """The languages given are changed, the others stay."""
    category: CategoryChoice | None = None
    tag_ids: Sequence[UUID] | None = None
    options: Sequence[OptionDraft] | None = None
    variants: Sequence[VariantDraft] | None = None
    archive_other_variants: bool = False
    status: ProductStatus | None = None
