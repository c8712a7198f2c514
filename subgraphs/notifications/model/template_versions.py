"""SQL over the versions of templates: numbered without gaps, at most one published of each place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.kit.locales import Locale
from subgraphs.kit.pagination.keyset import Keyset, SortKey
from subgraphs.notifications.model.tables import TemplateRow
from subgraphs.notifications.states import Channel, TemplateStatus

NEWEST_FIRST = Keyset(
    [
        SortKey("created_at", TemplateRow.created_at, descending=True),
        SortKey("id", TemplateRow.id, descending=True),
    ]
)


@dataclass(frozen=True, slots=True)
class TemplatePlace:
    """Whose text, of which workflow, for which channel and language."""

    organization_id: UUID
    key: str
    channel: Channel
    locale: Locale


async def insert_version(
    session: AsyncSession, place: TemplatePlace, values: Mapping[str, Any]
) -> TemplateRow:
    """Returns the place's next version; others wait until this transaction ends."""
    await _lock(session, place)
    last = await session.scalar(select(func.max(TemplateRow.number)).where(*_of(place)))
    row = TemplateRow(
        id=new_id(),
        organization_id=place.organization_id,
        key=place.key,
        channel=place.channel,
        locale=place.locale,
        number=(last or 0) + 1,
        status=TemplateStatus.DRAFT,
        **values,
    )
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row


async def find_version(session: AsyncSession, organization_id: UUID, template_id: UUID) -> TemplateRow | None:
    """Returns the version if it is the organization's own."""
    statement = select(TemplateRow).where(
        TemplateRow.id == template_id, TemplateRow.organization_id == organization_id
    )
    return (await session.scalars(statement)).one_or_none()


async def publish_version(session: AsyncSession, row: TemplateRow, now: datetime) -> TemplateRow:
    """Returns the version as the published one of its place; the one before is retired."""
    assert row.organization_id is not None, "the platform's texts are files"
    place = TemplatePlace(row.organization_id, row.key, row.channel, row.locale)
    await _lock(session, place)
    await session.execute(
        update(TemplateRow)
        .where(*_of(place), TemplateRow.status == TemplateStatus.PUBLISHED, TemplateRow.id != row.id)
        .values(status=TemplateStatus.RETIRED, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )
    statement = (
        update(TemplateRow)
        .where(TemplateRow.id == row.id)
        .values(
            status=TemplateStatus.PUBLISHED,
            published_at=func.coalesce(TemplateRow.published_at, now),
            updated_at=func.now(),
        )
        .returning(TemplateRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return (await session.scalars(statement)).one()


async def retire_version(session: AsyncSession, template_id: UUID) -> TemplateRow:
    """Returns the version, published no more: the platform's own text counts again."""
    statement = (
        update(TemplateRow)
        .where(TemplateRow.id == template_id)
        .values(status=TemplateStatus.RETIRED, updated_at=func.now())
        .returning(TemplateRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return (await session.scalars(statement)).one()


def templates_visible_to(organization_id: UUID) -> Select[TemplateRow]:
    """Returns the statement of the organization's versions and those for everybody."""
    own = TemplateRow.organization_id == organization_id
    return select(TemplateRow).where(or_(own, TemplateRow.organization_id.is_(None)))


def _of(place: TemplatePlace) -> tuple[Any, ...]:
    return (
        TemplateRow.organization_id == place.organization_id,
        TemplateRow.key == place.key,
        TemplateRow.channel == place.channel,
        TemplateRow.locale == place.locale,
    )


async def _lock(session: AsyncSession, place: TemplatePlace) -> None:
    """Waits for whoever changes this place; a place without a version has no row to lock."""
    words = f"{place.organization_id}/{place.key}/{place.channel.value}/{place.locale.value}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(words, 0))))
