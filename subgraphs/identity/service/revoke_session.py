"""Ending one session from another one, and what a member is doing here from above."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.session_queries import (
    find_session,
    session_of_id,
    sessions_in_organization,
)
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.members import MANAGE_MEMBERS, find_changeable_member, lock_own_organization
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound

REVOKED = "revoked"
REMOVED = "removed_by_organization"


async def revoke_own_session(
    session: AsyncSession, viewer: Viewer, session_id: UUID | None, now: datetime
) -> UUID:
    """Returns the id of the viewer's session that has ended."""
    row = await find_session(session, session_id) if session_id is not None else None
    if row is None or row.user_id != viewer.user_id:
        raise NotFound("No such session", field=["id"])
    await end_sessions(session, session_of_id(row.id), REVOKED, now)
    return row.id


async def revoke_member_sessions(
    session: AsyncSession, viewer: Viewer, user_id: UUID | None, now: datetime
) -> int:
    """Ends the sessions in which a member acts here, and returns how many; elsewhere they go on."""
    actor = await lock_own_organization(session, viewer, MANAGE_MEMBERS)
    membership = await find_changeable_member(session, actor, user_id)
    chosen = sessions_in_organization(actor.organization_id, membership.user_id)
    return await end_sessions(session, chosen, REMOVED, now)
