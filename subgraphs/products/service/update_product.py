"""Changing a product: its texts, its place, its variants or its status."""

from __future__ import annotations

from uuid import UUID

from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_events
from subgraphs.kit.versions import check_version
from subgraphs.products.model.product_queries import lock_product
from subgraphs.products.model.tables import ProductRow, ProductStatus
from subgraphs.products.service.drafts import ProductDraft
from subgraphs.products.service.statuses import change_status_of
from subgraphs.products.service.texts import own_organization
from subgraphs.products.service.write_product import Writing, write_product


async def update_product(
    writing: Writing, product_id: UUID | None, draft: ProductDraft, expected_version: int | None
) -> ProductRow:
    """Returns the changed product, or raises NotFound for one that is not the viewer's organization's."""
    product = await hold_product(writing, product_id, expected_version)
    await record_events(writing.session, *await write_product(writing, product, draft))
    return product


async def set_status(
    writing: Writing, product_id: UUID | None, to: ProductStatus, expected_version: int | None
) -> ProductRow:
    """Returns the product in the status; asked for twice, the second call changes nothing."""
    product = await hold_product(writing, product_id, expected_version)
    events = change_status_of(product, to, writing.viewer, writing.now)
    if events:
        product.updated_at = writing.now
        await writing.session.flush()
        await record_events(writing.session, *events)
    return product


async def hold_product(
    writing: Writing, product_id: UUID | None, expected_version: int | None = None
) -> ProductRow:
    """Returns the organization's product for the rest of the transaction, or raises."""
    organization_id = own_organization(writing.viewer)
    product = (
        await lock_product(writing.session, organization_id, product_id) if product_id is not None else None
    )
    if product is None:
        raise NotFound("No such product", field=["id"])
    check_version(product, expected_version)
    return product
