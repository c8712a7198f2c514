"""Who the viewer of a field that admits users only is."""

from __future__ import annotations

from uuid import UUID

from subgraphs.kit.context import Info


def user_of(info: Info) -> UUID:
    """Returns the viewer's id; for fields that nobody else reaches."""
    user_id = info.context.viewer.user_id
    assert user_id is not None, "the field admits users only"
    return user_id


def organization_of(info: Info) -> UUID:
    """Returns the organization the viewer acts for; for fields that want a permission in one."""
    organization_id = info.context.viewer.organization_id
    assert organization_id is not None, "a permission is held in an organization"
    return organization_id
