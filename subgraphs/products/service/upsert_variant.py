"""Making, changing and archiving a single variant."""

from __future__ import annotations

from uuid import UUID

from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_events
from subgraphs.products.model.tables import ProductRow, VariantRow
from subgraphs.products.model.variant_queries import find_variant, live_variants_by_products
from subgraphs.products.service.derived import derive_columns
from subgraphs.products.service.drafts import ProductDraft, VariantDraft
from subgraphs.products.service.statuses import check_sellable
from subgraphs.products.service.texts import own_organization
from subgraphs.products.service.update_product import hold_product
from subgraphs.products.service.variant_set import VariantSet
from subgraphs.products.service.write_product import Writing, write_product

SoldBy = tuple[VariantRow, ProductRow]


async def upsert_variant(writing: Writing, product_id: UUID | None, draft: VariantDraft) -> SoldBy:
    """Returns the variant and its product, which is the viewer's organization's."""
    product = await hold_product(writing, product_id)
    events = await write_product(writing, product, ProductDraft(variants=[draft]))
    await record_events(writing.session, *events)
    live = (await live_variants_by_products(writing.session, [product.id]))[product.id]
    folded = draft.sku.strip().casefold()
    return next(each for each in live if each.sku_folded == folded), product


async def archive_variant(writing: Writing, variant_id: UUID | None) -> SoldBy:
    """Returns the variant, off sale, and its product, which may not be published without another."""
    organization_id = own_organization(writing.viewer)
    session = writing.session
    found = await find_variant(session, organization_id, variant_id) if variant_id is not None else None
    if found is None:
        raise NotFound("No such variant", field=["id"])
    product = await hold_product(writing, found.product_id)
    # Read again under the product's lock: another call may have archived it meanwhile.
    live = (await live_variants_by_products(session, [product.id]))[product.id]
    if found not in live:
        raise NotFound("No such variant", field=["id"])
    with session.no_autoflush:
        variants = VariantSet(product, live, writing.now)
        variants.archive(found)
        derive_columns(product, variants.live)
        check_sellable(product)
        product.updated_at = writing.now
    await session.flush()
    await record_events(session, *variants.events)
    return found, product
