"""SQL over published versions of templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.locales import Locale
from subgraphs.notifications.model.tables import TemplateRow
from subgraphs.notifications.states import Channel, TemplateStatus

TemplateKey = tuple[UUID | None, str, Channel, Locale]


async def published_templates(
    session: AsyncSession, organization_ids: Iterable[UUID], keys: Iterable[str]
) -> Mapping[TemplateKey, TemplateRow]:
    """Returns the published versions of the keys: the organizations' and, under None, those for everybody."""
    statement = select(TemplateRow).where(
        TemplateRow.status == TemplateStatus.PUBLISHED,
        TemplateRow.key.in_(set(keys)),
        or_(TemplateRow.organization_id.is_(None), TemplateRow.organization_id.in_(set(organization_ids))),
    )
    return {
        (row.organization_id, row.key, row.channel, row.locale): row
        for row in await session.scalars(statement)
    }
