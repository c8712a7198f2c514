"""Reading, archiving and seeing: each change of an inbox leaves one event; repeating it changes nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_event
from subgraphs.notifications.events import InboxChanged
from subgraphs.notifications.model.inbox_queries import (
    archive,
    mark_all_read,
    mark_all_seen,
    mark_read,
    mark_unread,
    own_items_by_ids,
)
from subgraphs.notifications.model.tables import InboxItemRow
from subgraphs.notifications.states import Topic


async def read_item(
    session: AsyncSession, user_id: UUID, notification_id: UUID | None, now: datetime, *, read: bool = True
) -> InboxItemRow:
    """Returns the user's item, read or unread as wanted."""
    await _own_item(session, user_id, notification_id)
    assert notification_id is not None, "an item was found by it"
    if read:
        changed = await mark_read(session, user_id, notification_id, now)
    else:
        changed = await mark_unread(session, user_id, notification_id)
    await _tell(session, user_id, now, changed=changed)
    return await _own_item(session, user_id, notification_id)


async def read_all_items(
    session: AsyncSession, user_id: UUID, now: datetime, topic: Topic | None, up_to: UUID | None
) -> int:
    """Returns how many items became read; `up_to` names the newest one the user has seen."""
    position = (await _own_item(session, user_id, up_to)).position if up_to is not None else None
    count = await mark_all_read(session, user_id, now, topic, position)
    await _tell(session, user_id, now, changed=count > 0)
    return count


async def see_all_items(session: AsyncSession, user_id: UUID, now: datetime) -> int:
    """Returns how many items became seen; they stay unread."""
    return await mark_all_seen(session, user_id, now)


async def archive_item(
    session: AsyncSession, user_id: UUID, notification_id: UUID | None, now: datetime
) -> InboxItemRow:
    """Returns the user's item, put away."""
    await _own_item(session, user_id, notification_id)
    assert notification_id is not None, "an item was found by it"
    changed = await archive(session, user_id, notification_id, now)
    await _tell(session, user_id, now, changed=changed)
    return await _own_item(session, user_id, notification_id)


async def _own_item(session: AsyncSession, user_id: UUID, notification_id: UUID | None) -> InboxItemRow:
    ids = [notification_id] if notification_id is not None else []
    found = await own_items_by_ids(session, user_id, ids)
    if notification_id is None or notification_id not in found:
        raise NotFound("You have no such notification", field=["id"])
    return found[notification_id]


async def _tell(session: AsyncSession, user_id: UUID, now: datetime, *, changed: bool) -> None:
    if changed:
        await record_event(session, InboxChanged(subject=str(user_id), occurred_at=now, user_id=user_id))
