"""Writing a product with its variants, slugs and tags: everything is settled first, then flushed at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.database import violated_constraint
from subgraphs.kit.errors import DomainError, InvalidInput, NotFound, Refusals
from subgraphs.kit.events.event import Event
from subgraphs.kit.ids import new_id
from subgraphs.kit.locales import LocalizedText
from subgraphs.products.errors import BarcodeTaken, DuplicateCombination, SkuTaken
from subgraphs.products.events import ProductCreated, ProductUpdated
from subgraphs.products.model.tables import ProductRow, ProductStatus, VariantRow
from subgraphs.products.model.taxonomy_queries import hold_category, hold_tags, set_product_tags
from subgraphs.products.model.variant_queries import live_variants_by_products, rival_variants
from subgraphs.products.service.derived import derive_columns
from subgraphs.products.service.drafts import ProductDraft
from subgraphs.products.service.options import check_choices, options_to_json
from subgraphs.products.service.slugs import settle_slugs
from subgraphs.products.service.statuses import change_status_of, check_sellable
from subgraphs.products.service.texts import check_name, own_organization, text_by_locale
from subgraphs.products.service.variant_set import VariantSet

TAGS_MAX = 50

_TAKEN_AT_ONCE: dict[str, type[DomainError]] = {
    "uq_variants_sku": SkuTaken,
    "uq_variants_barcode": BarcodeTaken,
    "uq_variants_combination": DuplicateCombination,
}


@dataclass(frozen=True, slots=True)
class Writing:
    """In which transaction, for whom and when a product is written."""

    session: AsyncSession
    viewer: Viewer
    now: datetime


def new_product(writing: Writing) -> ProductRow:
    """Returns an empty draft of the viewer's organization, not yet in the session."""
    return ProductRow(
        id=new_id(),
        organization_id=own_organization(writing.viewer),
        status=ProductStatus.DRAFT,
        name=LocalizedText(),
        description=LocalizedText(),
        slugs=LocalizedText(),
        category_id=None,
        options=[],
        published_at=None,
        variant_count=0,
        created_at=writing.now,
        updated_at=writing.now,
    )


async def write_product(
    writing: Writing, product: ProductRow, draft: ProductDraft, *, is_new: bool = False
) -> list[Event]:
    """Makes the product what the draft says and returns the events, not yet recorded.

    The caller holds the row of a product that exists. One flush, so that the version counts one change.
    """
    session = writing.session
    with session.no_autoflush:
        live = [] if is_new else (await live_variants_by_products(session, [product.id]))[product.id]
        variants = VariantSet(product, live, writing.now)
        _set_texts(product, draft)
        await settle_slugs(session, product, draft.slugs)
        await _set_category(session, product, draft)
        _set_variants(product, variants, draft)
        await _check_rivals(session, product, variants.touched)
        derive_columns(product, variants.live)
        events = [_written(writing, product, is_new=is_new), *variants.events]
        if draft.status is not None:
            events.extend(change_status_of(product, draft.status, writing.viewer, writing.now))
        check_sellable(product)
        tag_ids = await _checked_tags(session, product, draft.tag_ids)
        product.updated_at = writing.now
        session.add_all([product, *variants.touched])
    await _flush(session)
    if tag_ids is not None:
        await set_product_tags(session, product.id, tag_ids)
    return events


def _set_texts(product: ProductRow, draft: ProductDraft) -> None:
    if draft.name is not None:
        product.name = draft.name
    check_name(product.name, ["name"])
    if draft.description is not None:
        product.description = draft.description


async def _set_category(session: AsyncSession, product: ProductRow, draft: ProductDraft) -> None:
    if draft.category is None:
        return
    category_id = draft.category.category_id
    if category_id is not None and not await hold_category(session, product.organization_id, category_id):
        raise NotFound("No such category", field=["categoryId"])
    product.category_id = category_id


def _set_variants(product: ProductRow, variants: VariantSet, draft: ProductDraft) -> None:
    if draft.options is not None:
        product.options = options_to_json(draft.options)
    if draft.variants is not None:
        variants.apply(draft.variants, archive_others=draft.archive_other_variants)
    if draft.options is not None or draft.variants is not None:
        check_choices(product.options, variants.live)


async def _check_rivals(session: AsyncSession, product: ProductRow, touched: Sequence[VariantRow]) -> None:
    if not touched:
        return
    errors: list[DomainError] = []
    for rival in await rival_variants(session, touched, product.id):
        for index, mine in enumerate(touched):
            field = ["variants", str(index)]
            if mine.sku_folded == rival.sku_folded:
                errors.append(SkuTaken(f"The SKU {mine.sku} is another product's", field=[*field, "sku"]))
            elif mine.barcode is not None and mine.barcode == rival.barcode:
                taken = f"The barcode {mine.barcode} is that of {rival.sku}"
                errors.append(BarcodeTaken(taken, field=[*field, "barcode"]))
    if errors:
        raise Refusals(errors)


async def _checked_tags(
    session: AsyncSession, product: ProductRow, tag_ids: Sequence[UUID] | None
) -> list[UUID] | None:
    if tag_ids is None:
        return None
    unique = list(dict.fromkeys(tag_ids))
    if len(unique) > TAGS_MAX:
        raise InvalidInput(f"A product has at most {TAGS_MAX} tags", field=["tagIds"])
    if unique and len(await hold_tags(session, product.organization_id, unique)) < len(unique):
        raise NotFound("No such tag", field=["tagIds"])
    return unique


def _written(writing: Writing, product: ProductRow, *, is_new: bool) -> Event:
    subject, actor_id = str(product.id), writing.viewer.user_id
    if is_new:
        return ProductCreated(
            subject=subject,
            occurred_at=writing.now,
            organization_id=product.organization_id,
            name=text_by_locale(product.name),
            actor_id=actor_id,
        )
    return ProductUpdated(
        subject=subject,
        occurred_at=writing.now,
        organization_id=product.organization_id,
        version=product.version + 1,
        actor_id=actor_id,
    )


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        refusal = _TAKEN_AT_ONCE.get(violated_constraint(error) or "")
        if refusal is None:
            raise
        # The checks found nothing: somebody else took it between them and the flush, or the call itself did.
        raise refusal("Taken by another variant at this moment", field=["variants"]) from error
