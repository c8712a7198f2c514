"""Who is told: the members of an organization who may do something in it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.model.people_queries import members_with_any

STAFF_MAX = 1_000
"""Most members one event is told to; beyond, those with the lowest ids are."""


async def staff_with(session: AsyncSession, organization_id: UUID | None, permission: str) -> Sequence[UUID]:
    """Returns the members who hold `resource:action`, by name, by `resource:*` or by `*`."""
    if organization_id is None:
        return ()
    resource, _, _ = permission.partition(":")
    wanted = (permission, f"{resource}:*", "*")
    return await members_with_any(session, organization_id, wanted, STAFF_MAX)
