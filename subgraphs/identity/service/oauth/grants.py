"""Ending a grant: no token of it opens anything any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import SessionRevoked
from subgraphs.identity.model.oauth_queries import delete_consent, lock_grant
from subgraphs.identity.model.oauth_tables import OauthGrantRow
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_event

CODE_REUSED, REFRESH_REUSED, REVOKED_BY_CLIENT, REVOKED_BY_USER = (
    "oauth_code_reused",
    "oauth_refresh_reused",
    "oauth_revoked_by_client",
    "oauth_revoked_by_user",
)


async def revoke_own_grant(
    session: AsyncSession, viewer: Viewer, grant_id: UUID | None, now: datetime
) -> UUID:
    """Returns the id of the grant that the viewer takes back, and their consent with it."""
    grant = await lock_grant(session, grant_id) if grant_id is not None else None
    if grant is None or grant.user_id != viewer.user_id:
        raise NotFound("No such grant", field=["id"])
    await end_grant(session, grant, REVOKED_BY_USER, now)
    await delete_consent(session, grant.user_id, grant.client_id)
    return grant.id


async def end_grant(session: AsyncSession, grant: OauthGrantRow, reason: str, now: datetime) -> bool:
    """Returns whether this call ended the grant, whose row is locked; tells those who know its tokens."""
    if grant.revoked_at is not None:
        return False
    grant.revoked_at, grant.revoked_reason = now, reason
    await session.flush()
    await record_event(
        session,
        SessionRevoked(
            subject=str(grant.id),
            occurred_at=now,
            organization_id=grant.organization_id,
            session_id=grant.id,
            user_id=grant.user_id,
            reason=reason,
        ),
    )
    return True
