"""Taking an address off an organization's list, so that it is written to again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import NotFound
from subgraphs.notifications.model.suppression_list import delete_suppression


async def remove_suppression(
    session: AsyncSession, organization_id: UUID, suppression_id: UUID | None
) -> UUID:
    """Returns the id of the entry that is gone."""
    if suppression_id is None or not await delete_suppression(session, organization_id, suppression_id):
        raise NotFound("The organization has suppressed no such address", field=["id"])
    return suppression_id
