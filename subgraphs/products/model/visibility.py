"""Who may see what: the one condition every read of products goes through."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, or_

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.products.model.tables import ProductRow, ProductStatus, VariantRow

READ = "products:read"


def is_staff_of(viewer: Viewer) -> bool:
    """Whether the viewer may see drafts, those of the organization in their token."""
    return viewer.organization_id is not None and viewer.may(READ)


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Returns the condition of products the viewer may know of: the published ones, and one's own."""
    return visible_in(viewer.organization_id if is_staff_of(viewer) else None)


OWN = bindparam("own_organization_id", type_=Uuid())
"""The organization of staff, in statements that are made once for all of them."""


def visible_in(own: UUID | ColumnElement[UUID] | None) -> ColumnElement[bool]:
    """Returns the condition of products that staff of this organization may know of, or of None: shoppers."""
    published = ProductRow.status == ProductStatus.PUBLISHED
    return published if own is None else or_(published, ProductRow.organization_id == own)


def variant_visible_in(own: UUID | ColumnElement[UUID] | None) -> ColumnElement[bool]:
    """Returns the condition of visible products' variants: live ones, archived ones to one's own staff."""
    live = VariantRow.archived_at.is_(None)
    return live if own is None else or_(live, VariantRow.organization_id == own)


def own_parameters(viewer: Viewer) -> dict[str, UUID | None]:
    """Returns the parameters of statements made for this viewer's like: `OWN` for staff, nothing else."""
    return {OWN.key: viewer.organization_id} if is_staff_of(viewer) else {}
