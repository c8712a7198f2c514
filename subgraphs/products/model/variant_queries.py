"""SQL over variants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader
from subgraphs.products.model.product_queries import PRODUCTS
from subgraphs.products.model.tables import VariantRow
from subgraphs.products.model.visibility import (
    OWN,
    is_staff_of,
    own_parameters,
    variant_visible_in,
    visible_in,
)

_VARIANTS = RowReader(VariantRow)
_WITH_PRODUCTS = RowReader(VariantRow, product=PRODUCTS)

_BY_IDS = {
    own is not None: PreparedSelect(
        _WITH_PRODUCTS.select()
        .join(VariantRow.product)
        .where(one_of(VariantRow.id, "ids"), visible_in(own), variant_visible_in(own)),
        _WITH_PRODUCTS,
    )
    for own in (None, OWN)
}
_LIVE_OF_PRODUCTS = PreparedSelect(
    _VARIANTS.select()
    .where(one_of(VariantRow.product_id, "product_ids"), VariantRow.archived_at.is_(None))
    .order_by(VariantRow.product_id, VariantRow.position, VariantRow.id),
    _VARIANTS,
)


async def visible_variants_by_ids(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> Mapping[UUID, VariantRow]:
    """Returns those of the variants the viewer may see, each with its product."""
    found = await _BY_IDS[is_staff_of(viewer)].all(session, ids=ids, **own_parameters(viewer))
    return {row.id: row for row in found}


async def live_variants_by_products(
    session: AsyncSession, product_ids: Sequence[UUID]
) -> Mapping[UUID, list[VariantRow]]:
    """Returns the products' live variants in their order; whether a product is visible, the caller knows."""
    found: dict[UUID, list[VariantRow]] = defaultdict(list)
    for row in await _LIVE_OF_PRODUCTS.all(session, product_ids=product_ids):
        found[row.product_id].append(row)
    return found


async def find_variant(session: AsyncSession, organization_id: UUID, variant_id: UUID) -> VariantRow | None:
    """Returns the organization's live variant."""
    statement = select(VariantRow).where(
        VariantRow.id == variant_id,
        VariantRow.organization_id == organization_id,
        VariantRow.archived_at.is_(None),
    )
    return (await session.scalars(statement)).one_or_none()


async def rival_variants(
    session: AsyncSession, variants: Sequence[VariantRow], product_id: UUID
) -> Sequence[VariantRow]:
    """Returns live variants of other products that have a SKU or barcode of these."""
    barcodes = [each.barcode for each in variants if each.barcode is not None]
    statement = select(VariantRow).where(
        VariantRow.organization_id == variants[0].organization_id,
        VariantRow.product_id != product_id,
        VariantRow.archived_at.is_(None),
        or_(
            VariantRow.sku_folded.in_([each.sku_folded for each in variants]),
            VariantRow.barcode.in_(barcodes),
        ),
    )
    return (await session.scalars(statement)).all()
