"""SQL over sessions and their refresh tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.tables import RefreshTokenRow, SessionRow


async def find_refresh_token(session: AsyncSession, token_hash: bytes) -> RefreshTokenRow | None:
    """Returns the token as it is now, not as this session read it before waiting for a lock."""
    statement = (
        select(RefreshTokenRow)
        .where(RefreshTokenRow.token_hash == token_hash)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def lock_session(session: AsyncSession, session_id: UUID) -> SessionRow | None:
    """Returns the session, held until the transaction ends: one refresh, switch or log-out at a time."""
    statement = (
        select(SessionRow)
        .where(SessionRow.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def use_refresh_token(session: AsyncSession, token_hash: bytes, now: datetime) -> bool:
    """Returns whether this call used the token up; of any number of callers, one."""
    statement = (
        update(RefreshTokenRow)
        .where(
            RefreshTokenRow.token_hash == token_hash,
            RefreshTokenRow.used_at.is_(None),
            RefreshTokenRow.expires_at > now,
        )
        .values(used_at=now)
        .returning(RefreshTokenRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def revoke_session(session: AsyncSession, session_id: UUID, reason: str, now: datetime) -> bool:
    """Returns whether this call revoked the session; False when it was revoked before."""
    statement = (
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.revoked_at.is_(None))
        .values(revoked_at=now, revoked_reason=reason)
        .returning(SessionRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None
