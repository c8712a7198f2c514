"""Logging out: the session and every refresh token of it are over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.session_queries import (
    find_refresh_token,
    lock_session,
    session_of_id,
    sessions_of_user,
)
from subgraphs.identity.service.access_tokens import hash_refresh_token
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.kit.auth.viewer import Viewer

LOGGED_OUT = "logged_out"
LOGGED_OUT_EVERYWHERE = "logged_out_everywhere"


async def log_out(session: AsyncSession, viewer: Viewer, refresh_token: str | None, now: datetime) -> None:
    """Ends the session of the refresh token, else the viewer's own; one that is over already stays over."""
    session_id = viewer.session_id
    if refresh_token is not None:
        found = await find_refresh_token(session, hash_refresh_token(refresh_token))
        session_id = found.session_id if found is not None else None
    if session_id is not None:
        await lock_session(session, session_id)
        await end_sessions(session, session_of_id(session_id), LOGGED_OUT, now)


async def log_out_everywhere(
    session: AsyncSession, viewer: Viewer, *, keep_current: bool, now: datetime
) -> int:
    """Ends all of the viewer's sessions, perhaps but this one, and returns how many."""
    assert viewer.user_id is not None, "users alone get here"
    kept = viewer.session_id if keep_current else None
    return await end_sessions(session, sessions_of_user(viewer.user_id, but=kept), LOGGED_OUT_EVERYWHERE, now)
