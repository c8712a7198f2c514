"""Removing a user from the organization, or leaving it oneself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import MemberRemoved
from subgraphs.identity.service.members import (
    MANAGE_MEMBERS,
    check_not_last_owner,
    find_changeable_member,
    lock_own_organization,
)
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.events.outbox import record_event


async def remove_member(session: AsyncSession, viewer: Viewer, user_id: UUID | None, now: datetime) -> UUID:
    """Returns the id of the user who no longer belongs; their tokens lose it at the next refresh."""
    leaving = user_id is not None and user_id == viewer.user_id
    actor = await lock_own_organization(session, viewer, None if leaving else MANAGE_MEMBERS)
    membership = await find_changeable_member(session, actor, user_id)
    await check_not_last_owner(session, membership)
    await session.delete(membership)
    await session.flush()
    removed = MemberRemoved(
        subject=str(membership.user_id),
        occurred_at=now,
        organization_id=actor.organization_id,
        role=membership.role.name,
        actor_id=actor.user_id,
    )
    await record_event(session, removed)
    return membership.user_id
