"""SQL over the providers organizations have set up for themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.model.tables import ProviderSettingsRow
from subgraphs.notifications.states import Channel


async def providers_of(
    session: AsyncSession, organization_ids: Iterable[UUID]
) -> Mapping[tuple[UUID, Channel], Sequence[ProviderSettingsRow]]:
    """Returns each organization's providers that are switched on, by channel and in order."""
    statement = (
        select(ProviderSettingsRow)
        .where(
            ProviderSettingsRow.organization_id.in_(set(organization_ids)),
            ProviderSettingsRow.is_enabled.is_(True),
        )
        .order_by(ProviderSettingsRow.position)
    )
    found: dict[tuple[UUID, Channel], list[ProviderSettingsRow]] = defaultdict(list)
    for row in await session.scalars(statement):
        found[row.organization_id, row.channel].append(row)
    return found


async def secret_references_of(session: AsyncSession, organization_id: UUID, provider: str) -> Sequence[str]:
    """Returns the names of the secrets of an organization's provider, switched on or not."""
    statement = select(ProviderSettingsRow.secret_reference).where(
        ProviderSettingsRow.organization_id == organization_id,
        ProviderSettingsRow.provider == provider,
        ProviderSettingsRow.secret_reference.is_not(None),
    )
    return [each for each in await session.scalars(statement) if each is not None]
