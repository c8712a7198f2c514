"""Sensitive operations ask for a proof of the last minutes: a session left open is not its owner's hand."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import StepUpRequired
from subgraphs.identity.model.factor_queries import has_second_factor
from subgraphs.identity.model.session_queries import find_session
from subgraphs.kit.auth.viewer import Viewer

RECENT = timedelta(minutes=10)


async def check_recently_proved(session: AsyncSession, viewer: Viewer, now: datetime) -> None:
    """Raises StepUpRequired unless the person has just proved who they are.

    Who has a second factor must have shown that one. The session's row decides, not the token: one that was
    revoked a moment ago proves nothing.
    """
    row = await find_session(session, viewer.session_id) if viewer.session_id is not None else None
    if row is None or row.user_id != viewer.user_id or row.revoked_at is not None:
        raise _refusal()
    proved_at: datetime | None = row.authenticated_at
    if await has_second_factor(session, row.user_id):
        proved_at = row.second_factor_at
    if proved_at is None or now - proved_at > RECENT:
        raise _refusal()


def _refusal() -> StepUpRequired:
    return StepUpRequired("Prove again who you are (stepUp), then try once more")
