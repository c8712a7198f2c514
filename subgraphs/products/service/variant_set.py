"""A product's live variants, changed as drafts say; no SQL, so that all of it is settled before one flush."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from subgraphs.kit.errors import Conflict, InvalidInput, NotFound
from subgraphs.kit.events.event import Event
from subgraphs.kit.ids import new_id
from subgraphs.kit.versions import check_version
from subgraphs.products.events import PriceChanged, VariantArchived
from subgraphs.products.model.tables import ProductRow, VariantRow
from subgraphs.products.service.drafts import VariantDraft
from subgraphs.products.service.options import combination_of
from subgraphs.products.service.refusals import refusals_under

VARIANTS_MAX = 200
SKU_LENGTH_MAX = 64
BARCODE_LENGTH_MAX = 64


@dataclass
class VariantSet:
    """The product's live variants, which of them are touched, and what that means to others."""

    product: ProductRow
    live: list[VariantRow]
    now: datetime
    touched: list[VariantRow] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def apply(self, drafts: Sequence[VariantDraft], *, archive_others: bool) -> None:
        """Creates or changes a variant per draft, and archives the others when told."""
        for index, draft in enumerate(drafts):
            with refusals_under("variants", str(index)):
                self._apply(draft)
        if archive_others:
            for variant in [each for each in self.live if each not in self.touched]:
                self.archive(variant)
        if len(self.live) > VARIANTS_MAX:
            raise InvalidInput(f"A product has at most {VARIANTS_MAX} variants", field=["variants"])

    def archive(self, variant: VariantRow) -> None:
        """Takes the variant off sale; orders go on referring to it."""
        variant.archived_at = variant.updated_at = self.now
        self.live.remove(variant)
        event = VariantArchived(
            subject=str(self.product.id),
            occurred_at=self.now,
            organization_id=self.product.organization_id,
            variant_id=variant.id,
            sku=variant.sku,
        )
        self.events.append(event)

    def _apply(self, draft: VariantDraft) -> None:
        sku = _check_sku(draft.sku)
        variant = self._find(draft, sku)
        if variant in self.touched:
            raise InvalidInput(f"{sku} stands twice among the variants", field=["sku"])
        if variant is None:
            variant = self._create(draft, sku)
        else:
            self._change(variant, draft, sku)
        if draft.barcode is not None:
            variant.barcode = _check_barcode(draft.barcode)
        if draft.choices is not None:
            variant.option_values = dict(draft.choices)
            variant.combination = combination_of(draft.choices)
        if draft.position is not None:
            variant.position = draft.position
        self.touched.append(variant)

    def _find(self, draft: VariantDraft, sku: str) -> VariantRow | None:
        if draft.variant_id is None:
            return next((each for each in self.live if each.sku_folded == sku.casefold()), None)
        for each in self.live:
            if each.id == draft.variant_id:
                return each
        raise NotFound("The product has no such variant", field=["id"])

    def _create(self, draft: VariantDraft, sku: str) -> VariantRow:
        if draft.expected_version is not None:
            raise Conflict(f"There is no variant {sku} any more", field=["expectedVersion"])
        if draft.price is None:
            raise InvalidInput("A new variant needs a price", field=["price"])
        variant = VariantRow(
            id=new_id(),
            organization_id=self.product.organization_id,
            product_id=self.product.id,
            sku=sku,
            sku_folded=sku.casefold(),
            barcode=None,
            price_minor=_check_price(draft.price.minor),
            currency=draft.price.currency,
            option_values={},
            combination="",
            position=max((each.position for each in self.live), default=-1) + 1,
            archived_at=None,
            created_at=self.now,
            updated_at=self.now,
        )
        self.live.append(variant)
        return variant

    def _change(self, variant: VariantRow, draft: VariantDraft, sku: str) -> None:
        check_version(variant, draft.expected_version)
        variant.sku, variant.sku_folded = sku, sku.casefold()
        variant.updated_at = self.now
        price = draft.price
        if price is None or (price.minor, price.currency) == (variant.price_minor, variant.currency):
            return
        event = PriceChanged(
            subject=str(self.product.id),
            occurred_at=self.now,
            organization_id=self.product.organization_id,
            variant_id=variant.id,
            sku=sku,
            currency=price.currency,
            currency_before=variant.currency,
            minor_before=variant.price_minor,
            minor_after=_check_price(price.minor),
        )
        self.events.append(event)
        variant.price_minor, variant.currency = price.minor, price.currency


def _check_sku(sku: str) -> str:
    trimmed = sku.strip()
    if not 0 < len(trimmed) <= SKU_LENGTH_MAX or not trimmed.isprintable():
        raise InvalidInput(f"A SKU has 1 to {SKU_LENGTH_MAX} characters", field=["sku"])
    return trimmed


def _check_barcode(barcode: str) -> str | None:
    trimmed = barcode.strip()
    if len(trimmed) > BARCODE_LENGTH_MAX or not (trimmed.isascii() and trimmed.isprintable()):
        raise InvalidInput(f"A barcode has at most {BARCODE_LENGTH_MAX} ASCII characters", field=["barcode"])
    return trimmed or None


def _check_price(minor: int) -> int:
    if minor < 0:
        raise InvalidInput("A price is not below zero", field=["price", "amountMinor"])
    return minor
