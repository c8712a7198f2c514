"""SQL over log-ins that wait for their second factor."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.tables import LoginChallengeRow


async def add_login_challenge(session: AsyncSession, row: LoginChallengeRow) -> None:
    """Writes a log-in that waits."""
    session.add(row)
    await session.flush()


async def find_challenge(session: AsyncSession, token_hash: bytes) -> LoginChallengeRow | None:
    """Returns the log-in of a token, whether it waits or not."""
    statement = select(LoginChallengeRow).where(LoginChallengeRow.token_hash == token_hash)
    return (await session.scalars(statement)).one_or_none()


async def lock_login_challenge(
    session: AsyncSession, token_hash: bytes, now: datetime
) -> LoginChallengeRow | None:
    """Returns the log-in if it still waits, held until the transaction ends: one answer at a time."""
    statement = (
        select(LoginChallengeRow)
        .where(
            LoginChallengeRow.token_hash == token_hash,
            LoginChallengeRow.ended_at.is_(None),
            LoginChallengeRow.expires_at > now,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def delete_expired_login_challenges(session: AsyncSession, before: datetime) -> None:
    """Deletes log-ins that nobody finished."""
    await session.execute(delete(LoginChallengeRow).where(LoginChallengeRow.expires_at < before))
