"""What happens in products, as the other domains hear of it. The subject is the product or the category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(Event):
    """A product came to be, as a draft."""

    type: ClassVar[str] = "product.created"

    name: dict[str, str]
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdated(Event):
    """Something of a product or its variants changed; whoever needs to know what asks again."""

    type: ClassVar[str] = "product.updated"

    version: int
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductStatusChanged(Event):
    """Base of the moves between statuses."""

    name: dict[str, str]
    slug: dict[str, str]
    status_before: str
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPublished(ProductStatusChanged):
    """A product can be seen and bought by everybody from now on."""

    type: ClassVar[str] = "product.published"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUnpublished(ProductStatusChanged):
    """A product is a draft again."""

    type: ClassVar[str] = "product.unpublished"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductArchived(ProductStatusChanged):
    """A product is no longer sold; orders still refer to it."""

    type: ClassVar[str] = "product.archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChanged(Event):
    """A variant has another price; carts must be told."""

    type: ClassVar[str] = "product.price_changed"

    variant_id: UUID
    sku: str
    currency: str
    minor_before: int
    minor_after: int
    currency_before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantArchived(Event):
    """A variant is no longer sold."""

    type: ClassVar[str] = "product.variant_archived"

    variant_id: UUID
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMoved(Event):
    """A category, with all below it, stands under another parent."""

    type: ClassVar[str] = "category.moved"

    parent_before: UUID | None
    parent_after: UUID | None
    actor_id: UUID | None
