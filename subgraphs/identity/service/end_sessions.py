"""Ending sessions before their time: nothing they were given opens anything any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import SessionRevoked
from subgraphs.identity.model.session_queries import Chosen, revoke_sessions
from subgraphs.kit.events.outbox import record_events


async def end_sessions(session: AsyncSession, chosen: Chosen, reason: str, now: datetime) -> int:
    """Revokes the chosen sessions that still run, each with its event, and returns how many."""
    ended = await revoke_sessions(session, chosen, reason, now)
    await record_events(
        session,
        *(
            SessionRevoked(
                subject=str(each.id),
                occurred_at=now,
                organization_id=each.organization_id,
                session_id=each.id,
                user_id=each.user_id,
                reason=reason,
            )
            for each in ended
        ),
    )
    return len(ended)
