"""A product's states, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.products.errors import ForbiddenTransition, NothingToSell
from subgraphs.products.events import (
    ProductArchived,
    ProductPublished,
    ProductStatusChanged,
    ProductUnpublished,
)
from subgraphs.products.model.tables import ProductRow, ProductStatus
from subgraphs.products.service.texts import text_by_locale

TRANSITIONS: Mapping[ProductStatus, tuple[ProductStatus, ...]] = {
    ProductStatus.DRAFT: (ProductStatus.PUBLISHED, ProductStatus.ARCHIVED),
    ProductStatus.PUBLISHED: (ProductStatus.DRAFT, ProductStatus.ARCHIVED),
    ProductStatus.ARCHIVED: (ProductStatus.DRAFT,),
}

_EVENTS: Mapping[ProductStatus, type[ProductStatusChanged]] = {
    ProductStatus.DRAFT: ProductUnpublished,
    ProductStatus.PUBLISHED: ProductPublished,
    ProductStatus.ARCHIVED: ProductArchived,
}


def change_status_of(
    product: ProductRow, to: ProductStatus, viewer: Viewer, now: datetime
) -> list[ProductStatusChanged]:
    """Moves the product to the status and returns the event; nothing happens when it is there already.

    The caller holds the product's row, so nobody else moves it at the same time.
    """
    before = product.status
    if before is to:
        return []
    if to not in TRANSITIONS[before]:
        raise ForbiddenTransition(f"{before.name} does not lead to {to.name}", field=["status"])
    product.status = to
    if to is ProductStatus.PUBLISHED:
        product.published_at = now
    check_sellable(product)
    event = _EVENTS[to](
        subject=str(product.id),
        occurred_at=now,
        organization_id=product.organization_id,
        name=text_by_locale(product.name),
        slug=text_by_locale(product.slugs),
        status_before=before.value,
        actor_id=viewer.user_id,
    )
    return [event]


def check_sellable(product: ProductRow) -> None:
    """Raises NothingToSell for a published product without a variant, for the variants carry the prices."""
    if product.status is ProductStatus.PUBLISHED and product.variant_count == 0:
        raise NothingToSell("A published product has at least one variant with a price", field=["variants"])
