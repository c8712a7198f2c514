"""SQL over inboxes. Every statement names the user: an inbox has one reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.pagination.keyset import Keyset, SortKey
from subgraphs.notifications.model.tables import InboxItemRow
from subgraphs.notifications.states import Topic

NEWEST_FIRST = Keyset([SortKey("position", InboxItemRow.position, descending=True)])

IS_UNREAD = and_(InboxItemRow.read_at.is_(None), InboxItemRow.archived_at.is_(None))


async def insert_inbox_items(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Returns the notifications that lie in an inbox only now."""
    statement = insert(InboxItemRow).values([dict(row) for row in rows]).on_conflict_do_nothing()
    return set(await session.scalars(statement.returning(InboxItemRow.notification_id)))


def inbox_of(
    user_id: UUID, topic: Topic | None = None, *, unread: bool = False, archived: bool = False
) -> Select[InboxItemRow]:
    """Returns the statement of a user's inbox, or of what they archived."""
    is_archived = InboxItemRow.archived_at.is_not(None) if archived else InboxItemRow.archived_at.is_(None)
    statement = select(InboxItemRow).where(InboxItemRow.user_id == user_id, is_archived)
    if unread:
        statement = statement.where(InboxItemRow.read_at.is_(None))
    return statement.where(InboxItemRow.topic == topic) if topic is not None else statement


async def own_items_by_ids(
    session: AsyncSession, user_id: UUID, ids: Sequence[UUID]
) -> Mapping[UUID, InboxItemRow]:
    """Returns those of the items that lie in the user's inbox, archived ones too."""
    statement = select(InboxItemRow).where(
        InboxItemRow.notification_id.in_(ids), InboxItemRow.user_id == user_id
    )
    rows = await session.scalars(statement.execution_options(populate_existing=True))
    return {row.notification_id: row for row in rows}


async def unread_counts(session: AsyncSession, user_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """Returns how many items each user has not read, counted now."""
    statement = (
        select(InboxItemRow.user_id, func.count().label("unread"))
        .where(InboxItemRow.user_id.in_(user_ids), IS_UNREAD)
        .group_by(InboxItemRow.user_id)
    )
    return {each.user_id: each.unread for each in await session.execute(statement)}


async def mark_read(session: AsyncSession, user_id: UUID, notification_id: UUID, now: datetime) -> bool:
    """Returns whether this call made the item read; of any number of callers, one."""
    which = and_(InboxItemRow.notification_id == notification_id, InboxItemRow.read_at.is_(None))
    return await _change(session, user_id, which, {"read_at": now, "seen_at": _first_seen(now)}) == 1


async def mark_all_read(
    session: AsyncSession, user_id: UUID, now: datetime, topic: Topic | None, up_to: int | None
) -> int:
    """Returns how many items this call made read; `up_to` leaves newer positions alone."""
    rules = [IS_UNREAD]
    if topic is not None:
        rules.append(InboxItemRow.topic == topic)
    if up_to is not None:
        rules.append(InboxItemRow.position <= up_to)
    # Locked in one order first: an UPDATE alone would meet another one's rows in any order.
    locked = (
        select(InboxItemRow.notification_id)
        .where(InboxItemRow.user_id == user_id, *rules)
        .order_by(InboxItemRow.position)
        .with_for_update()
    )
    ids = (await session.scalars(locked)).all()
    if not ids:
        return 0
    which = and_(InboxItemRow.notification_id.in_(ids), InboxItemRow.read_at.is_(None))
    return await _change(session, user_id, which, {"read_at": now, "seen_at": _first_seen(now)})


async def mark_unread(session: AsyncSession, user_id: UUID, notification_id: UUID) -> bool:
    """Returns whether this call made the item unread again."""
    which = and_(InboxItemRow.notification_id == notification_id, InboxItemRow.read_at.is_not(None))
    return await _change(session, user_id, which, {"read_at": None}) == 1


async def mark_all_seen(session: AsyncSession, user_id: UUID, now: datetime) -> int:
    """Returns how many items this call made seen: they were on a screen, not yet opened."""
    return await _change(session, user_id, InboxItemRow.seen_at.is_(None), {"seen_at": now})


async def archive(session: AsyncSession, user_id: UUID, notification_id: UUID, now: datetime) -> bool:
    """Returns whether this call archived the item."""
    which = and_(InboxItemRow.notification_id == notification_id, InboxItemRow.archived_at.is_(None))
    return await _change(session, user_id, which, {"archived_at": now}) == 1


async def _change(
    session: AsyncSession, user_id: UUID, which: ColumnElement[bool], values: Mapping[str, Any]
) -> int:
    statement = (
        update(InboxItemRow)
        .where(InboxItemRow.user_id == user_id, which)
        .values({**values, "updated_at": func.now()})
        .returning(InboxItemRow.notification_id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(statement)).all())


def _first_seen(now: datetime) -> ColumnElement[datetime]:
    return func.coalesce(InboxItemRow.seen_at, now)
