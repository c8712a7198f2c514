"""SQL over what users want to hear of, over which channel, and when not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import time
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.model.tables import PreferenceRow, QuietHoursRow
from subgraphs.notifications.states import Channel, Topic

Choice = tuple[Channel, Topic]


async def choices_by_users(
    session: AsyncSession, user_ids: Sequence[UUID]
) -> Mapping[UUID, Mapping[Choice, bool]]:
    """Returns what each user chose; what they never chose is left out."""
    found: dict[UUID, dict[Choice, bool]] = defaultdict(dict)
    statement = select(PreferenceRow).where(PreferenceRow.user_id.in_(user_ids))
    for row in await session.scalars(statement):
        found[row.user_id][row.channel, row.topic] = row.is_enabled
    return found


async def write_choices(session: AsyncSession, user_id: UUID, choices: Mapping[Choice, bool]) -> None:
    """Writes the choices over those there are."""
    # In one order for everybody, so that two writers of the same user cannot deadlock.
    rows = [
        {"user_id": user_id, "channel": channel, "topic": topic, "is_enabled": is_enabled}
        for (channel, topic), is_enabled in sorted(
            choices.items(), key=lambda each: (each[0][0].value, each[0][1].value)
        )
    ]
    statement = insert(PreferenceRow).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=[PreferenceRow.user_id, PreferenceRow.channel, PreferenceRow.topic],
        set_={"is_enabled": statement.excluded.is_enabled, "updated_at": func.now()},
    )
    await session.execute(statement)


async def quiet_hours_by_users(
    session: AsyncSession, user_ids: Sequence[UUID]
) -> Mapping[UUID, QuietHoursRow]:
    """Returns the quiet hours of those who have some."""
    statement = select(QuietHoursRow).where(QuietHoursRow.user_id.in_(user_ids))
    return {row.user_id: row for row in await session.scalars(statement)}


async def write_quiet_hours(
    session: AsyncSession, user_id: UUID, starts_at: time, ends_at: time, zone: str
) -> QuietHoursRow:
    """Returns the user's quiet hours, which are these from now on."""
    statement = insert(QuietHoursRow).values(
        user_id=user_id, starts_at=starts_at, ends_at=ends_at, zone=zone, version=1
    )
    changed = {name: getattr(statement.excluded, name) for name in ("starts_at", "ends_at", "zone")}
    statement = statement.on_conflict_do_update(
        index_elements=[QuietHoursRow.user_id],
        set_={**changed, "version": QuietHoursRow.version + 1, "updated_at": func.now()},
    ).returning(QuietHoursRow)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def delete_quiet_hours(session: AsyncSession, user_id: UUID) -> None:
    """Takes the user's quiet hours away."""
    await session.execute(delete(QuietHoursRow).where(QuietHoursRow.user_id == user_id))
