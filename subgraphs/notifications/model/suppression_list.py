"""SQL over an organization's list of suppressed addresses."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.pagination.keyset import Keyset, SortKey
from subgraphs.notifications.model.tables import SuppressionRow

NEWEST_FIRST = Keyset(
    [
        SortKey("created_at", SuppressionRow.created_at, descending=True),
        SortKey("id", SuppressionRow.id, descending=True),
    ]
)


def suppressions_of_organization(organization_id: UUID) -> Select[SuppressionRow]:
    """Returns the statement of the organization's own list."""
    return select(SuppressionRow).where(SuppressionRow.organization_id == organization_id)


async def delete_suppression(session: AsyncSession, organization_id: UUID, suppression_id: UUID) -> bool:
    """Returns whether the organization had suppressed it; it is written to again."""
    statement = (
        delete(SuppressionRow)
        .where(SuppressionRow.id == suppression_id, SuppressionRow.organization_id == organization_id)
        .returning(SuppressionRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None
