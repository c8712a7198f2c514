"""Refreshing a session: each refresh token is good once, and a used one that comes back ends the session.

Problem: a stolen refresh token must betray itself, yet two tabs of one honest browser, or a retry after a
lost answer, present the same token twice within seconds.

Steps, under the lock of the session's row:
1. The token is used up by a conditional UPDATE; exactly one caller ever succeeds. It stores the successor
   and returns it.
2. Another caller within the leeway, while the successor is still unused, is given that same successor: it
   is derived from the token it shows, so nothing secret is kept to repeat it.
3. Another caller later than that revokes the whole family and leaves an event. The revocation is committed,
   so this outcome is returned and not raised.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import InvalidRefreshToken
from subgraphs.identity.events import RefreshTokenReused
from subgraphs.identity.model.session_queries import (
    find_refresh_token,
    lock_session,
    session_of_id,
    touch_session,
    use_refresh_token,
)
from subgraphs.identity.model.tables import SessionRow
from subgraphs.identity.model.user_queries import find_user
from subgraphs.identity.service.access_tokens import TokenSigner, hash_refresh_token
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.sessions import SessionTokens, sign_tokens, store_refresh_token
from subgraphs.kit.events.outbox import record_event

LEEWAY = timedelta(seconds=20)
REUSED = "refresh_reuse"


async def refresh_session(
    session: AsyncSession, signer: TokenSigner, refresh_token: str, now: datetime
) -> SessionTokens | InvalidRefreshToken:
    """Returns the next tokens, or the refusal; a refusal may come with a revocation to be committed."""
    token_hash = hash_refresh_token(refresh_token)
    found = await find_refresh_token(session, token_hash)
    family = await lock_session(session, found.session_id) if found is not None else None
    if family is None or not await _is_running(session, family, now):
        return _refusal()
    successor = signer.successor_of(refresh_token)
    if await use_refresh_token(session, token_hash, now):
        await store_refresh_token(session, family, successor, now)
        await touch_session(session, family.id, now, now)
        return await sign_tokens(session, signer, family, successor, now)
    return await _answer_used_token(session, signer, family, token_hash, successor, now=now)


async def _answer_used_token(
    session: AsyncSession,
    signer: TokenSigner,
    family: SessionRow,
    token_hash: bytes,
    successor: str,
    *,
    now: datetime,
) -> SessionTokens | InvalidRefreshToken:
    used = await find_refresh_token(session, token_hash)
    if used is None or used.used_at is None:
        return _refusal()  # it has expired unused
    if now - used.used_at <= LEEWAY:
        following = await find_refresh_token(session, hash_refresh_token(successor))
        if following is None or following.used_at is not None:
            return _refusal()
        return await sign_tokens(session, signer, family, successor, now)
    reused = RefreshTokenReused(
        subject=str(family.user_id),
        occurred_at=now,
        organization_id=family.organization_id,
        session_id=family.id,
    )
    await record_event(session, reused)
    await end_sessions(session, session_of_id(family.id), REUSED, now)
    return _refusal()


async def _is_running(session: AsyncSession, family: SessionRow, now: datetime) -> bool:
    if family.revoked_at is not None or family.expires_at <= now:
        return False
    user = await find_user(session, family.user_id)
    return user is not None and user.is_open


def _refusal() -> InvalidRefreshToken:
    return InvalidRefreshToken("Log in again", field=["input", "refreshToken"])
