"""Who may see what: the one condition every read of products goes through."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.products.model.tables import ProductRow, ProductStatus, VariantRow

READ = "products:read"


def is_staff_of(viewer: Viewer) -> bool:
    """Whether the viewer may see drafts, those of the organization in their token."""
    return viewer.organization_id is not None and viewer.may(READ)


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Returns the condition of products the viewer may know of: the published ones, and one's own."""
    published = ProductRow.status == ProductStatus.PUBLISHED
    if not is_staff_of(viewer):
        return published
    return or_(published, ProductRow.organization_id == viewer.organization_id)


def variant_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Returns the condition of visible products' variants: live ones, archived ones to one's own staff."""
    live = VariantRow.archived_at.is_(None)
    if not is_staff_of(viewer):
        return live
    return or_(live, VariantRow.organization_id == viewer.organization_id)
