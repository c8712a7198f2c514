"""SQL over sessions and their refresh tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.tables import RefreshTokenRow, SessionRow

Chosen = ColumnElement[bool]
"""Which sessions a statement is about."""


async def find_refresh_token(session: AsyncSession, token_hash: bytes) -> RefreshTokenRow | None:
    """Returns the token as it is now, not as this session read it before waiting for a lock."""
    statement = (
        select(RefreshTokenRow)
        .where(RefreshTokenRow.token_hash == token_hash)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def find_session(session: AsyncSession, session_id: UUID) -> SessionRow | None:
    """Returns the session as it is now."""
    statement = select(SessionRow).where(SessionRow.id == session_id)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


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


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that a statement has just revoked."""

    id: UUID
    user_id: UUID
    organization_id: UUID | None


async def revoke_sessions(
    session: AsyncSession, chosen: Chosen, reason: str, now: datetime
) -> Sequence[EndedSession]:
    """Returns those of the chosen sessions that this call revoked; one revoked before is not among them."""
    statement = (
        update(SessionRow)
        .where(chosen, SessionRow.revoked_at.is_(None))
        .values(revoked_at=now, revoked_reason=reason)
        .returning(SessionRow.id, SessionRow.user_id, SessionRow.organization_id)
        .execution_options(synchronize_session=False)
    )
    return [EndedSession(*row) for row in await session.execute(statement)]


def session_of_id(session_id: UUID) -> Chosen:
    """Chooses one session."""
    return SessionRow.id == session_id


def sessions_of_user(user_id: UUID, *, but: UUID | None = None) -> Chosen:
    """Chooses the sessions of a user, perhaps but one."""
    mine = SessionRow.user_id == user_id
    return mine if but is None else and_(mine, SessionRow.id != but)


def sessions_in_organization(organization_id: UUID, user_id: UUID) -> Chosen:
    """Chooses the sessions in which a user acts in an organization."""
    return and_(SessionRow.organization_id == organization_id, SessionRow.user_id == user_id)


def one_factor_sessions_in(organization_id: UUID) -> Chosen:
    """Chooses the sessions that act in an organization and have shown no second factor."""
    return and_(SessionRow.organization_id == organization_id, SessionRow.second_factor_at.is_(None))


def sessions_beyond(user_id: UUID, kept_max: int, now: datetime) -> Chosen:
    """Chooses the user's running sessions but those used last."""
    kept = (
        select(SessionRow.id)
        .where(SessionRow.user_id == user_id, is_running(now))
        .order_by(SessionRow.last_seen_at.desc(), SessionRow.id.desc())
        .limit(kept_max)
    )
    return and_(SessionRow.user_id == user_id, is_running(now), SessionRow.id.not_in(kept))


def is_running(now: datetime) -> Chosen:
    """Chooses what is neither revoked nor over."""
    return and_(SessionRow.revoked_at.is_(None), SessionRow.expires_at > now)


def running_sessions_of(user_id: UUID | None, now: datetime) -> Select[SessionRow]:
    """Returns the statement of a user's running sessions."""
    return select(SessionRow).where(SessionRow.user_id == user_id, is_running(now))


async def is_new_device(session: AsyncSession, user_id: UUID, user_agent: str | None) -> bool:
    """Returns whether the user has been here, but never by this program."""
    known = func.count().filter(SessionRow.user_agent.is_not_distinct_from(user_agent))
    statement = select(func.count(), known).where(SessionRow.user_id == user_id)
    before, by_this = (await session.execute(statement)).one()
    return before > 0 and by_this == 0


async def find_session_by_cookie(session: AsyncSession, cookie_hash: bytes) -> SessionRow | None:
    """Returns the session of a browser's cookie."""
    statement = select(SessionRow).where(SessionRow.cookie_hash == cookie_hash)
    return (await session.scalars(statement)).one_or_none()


async def give_cookie(session: AsyncSession, session_id: UUID, cookie_hash: bytes) -> bool:
    """Returns whether the running session is the cookie's now; its refresh token is no more."""
    statement = (
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.revoked_at.is_(None))
        .values(cookie_hash=cookie_hash)
        .returning(SessionRow.id)
        .execution_options(synchronize_session=False)
    )
    given = (await session.execute(statement)).one_or_none() is not None
    await session.execute(delete(RefreshTokenRow).where(RefreshTokenRow.session_id == session_id))
    return given


async def touch_session(session: AsyncSession, session_id: UUID, now: datetime, since: datetime) -> None:
    """Notes that the session was used, unless that was noted since."""
    statement = (
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.last_seen_at < since)
        .values(last_seen_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


async def forget_session_origins(session: AsyncSession, user_id: UUID) -> None:
    """Takes addresses and programs out of a user's sessions."""
    statement = (
        update(SessionRow)
        .where(SessionRow.user_id == user_id)
        .values(address=None, user_agent=None, cookie_hash=None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


async def delete_ended_sessions(session: AsyncSession, before: datetime, at_most: int) -> int:
    """Deletes sessions over since before then, with their tokens, and returns how many."""
    over = (
        select(SessionRow.id)
        .where(or_(SessionRow.revoked_at < before, SessionRow.expires_at < before))
        .limit(at_most)
    )
    deleted = await session.execute(
        delete(SessionRow).where(SessionRow.id.in_(over)).returning(SessionRow.id)
    )
    return len(deleted.all())
