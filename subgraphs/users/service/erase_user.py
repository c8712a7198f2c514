"""Forgetting what a person told of themself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.events.outbox import record_event
from subgraphs.users.events import UserErased
from subgraphs.users.model.queries import blank_consents, delete_addresses, lock_profile

FIELDS = ("display_name", "bio", "phone", "locale", "time_zone")


async def erase_user(session: AsyncSession, user_id: UUID, now: datetime) -> None:
    """Empties profile and address book and tells the others, once; that consents were given stays known."""
    row = await lock_profile(session, user_id)
    told_before = row.erased_at is not None and not any(getattr(row, name) for name in FIELDS)
    for name in FIELDS:
        setattr(row, name, None)
    row.audiences, row.preferences = {}, {}
    row.erased_at = now
    await session.flush()
    await delete_addresses(session, user_id)
    await blank_consents(session, user_id)
    if not told_before:
        await record_event(session, UserErased(subject=str(user_id), occurred_at=now))
