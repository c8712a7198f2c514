"""Logging out: the session and every refresh token of it are over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import SessionRevoked
from subgraphs.identity.model.session_queries import find_refresh_token, lock_session, revoke_session
from subgraphs.identity.service.access_tokens import hash_refresh_token
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.events.outbox import record_event

LOGGED_OUT = "logged_out"


async def log_out(session: AsyncSession, viewer: Viewer, refresh_token: str | None, now: datetime) -> None:
    """Ends the session of the refresh token, else the viewer's own; one that is over already stays over."""
    session_id = viewer.session_id
    if refresh_token is not None:
        found = await find_refresh_token(session, hash_refresh_token(refresh_token))
        session_id = found.session_id if found is not None else None
    family = await lock_session(session, session_id) if session_id is not None else None
    if family is None or not await revoke_session(session, family.id, LOGGED_OUT, now):
        return
    ended = SessionRevoked(
        subject=str(family.id),
        occurred_at=now,
        organization_id=family.organization_id,
        session_id=family.id,
        user_id=family.user_id,
        reason=LOGGED_OUT,
    )
    await record_event(session, ended)
