"""What products refuses, each with its code.

DomainError
├── SlugTaken               SLUG_TAKEN              another product, category or tag has it
├── SkuTaken                SKU_TAKEN
├── BarcodeTaken            BARCODE_TAKEN
├── DuplicateCombination    DUPLICATE_COMBINATION   two variants with the same choice of options
├── OptionsMismatch         OPTIONS_MISMATCH        a variant does not choose one value of every option
├── MixedCurrencies         MIXED_CURRENCIES        the variants of a product share one currency
├── NothingToSell           NOTHING_TO_SELL         a published product has a variant with a price
├── ForbiddenTransition     FORBIDDEN_TRANSITION
├── CategoryCycle           CATEGORY_CYCLE          a category cannot stand below itself
├── CategoryTooDeep         CATEGORY_TOO_DEEP
├── CategoryNotEmpty        CATEGORY_NOT_EMPTY
└── DuplicateRow            DUPLICATE_ROW           one bulk call names the same product twice
"""

# ruff: noqa: N818 - a refusal reads as a sentence (SlugTaken), as its code does

from __future__ import annotations

from subgraphs.kit.errors import DomainError


class SlugTaken(DomainError):
    """The slug leads somewhere else already."""

    code = "SLUG_TAKEN"


class SkuTaken(DomainError):
    """Another variant of the organization has the SKU."""

    code = "SKU_TAKEN"


class BarcodeTaken(DomainError):
    """Another variant of the organization has the barcode."""

    code = "BARCODE_TAKEN"


class DuplicateCombination(DomainError):
    """Two variants of the product choose the same values."""

    code = "DUPLICATE_COMBINATION"


class OptionsMismatch(DomainError):
    """A variant must choose exactly one value of each of its product's options."""

    code = "OPTIONS_MISMATCH"


class MixedCurrencies(DomainError):
    """The variants of one product are priced in one currency."""

    code = "MIXED_CURRENCIES"


class NothingToSell(DomainError):
    """A published product has at least one variant."""

    code = "NOTHING_TO_SELL"


class ForbiddenTransition(DomainError):
    """The product's status does not lead to the one asked for."""

    code = "FORBIDDEN_TRANSITION"


class CategoryCycle(DomainError):
    """A category cannot stand below itself."""

    code = "CATEGORY_CYCLE"


class CategoryTooDeep(DomainError):
    """The tree of categories has a greatest depth."""

    code = "CATEGORY_TOO_DEEP"


class CategoryNotEmpty(DomainError):
    """The category still holds products or categories."""

    code = "CATEGORY_NOT_EMPTY"


class DuplicateRow(DomainError):
    """The bulk call names this product in an earlier row."""

    code = "DUPLICATE_ROW"
