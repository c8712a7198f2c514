"""Being logged in at the provider's own pages: a cookie that stands for one of the person's sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import find_login
from subgraphs.identity.model.oauth_tables import OauthLoginRow
from subgraphs.identity.service.oauth.secrets import hash_secret, new_secret

LOGIN_LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class BrowserLogin:
    """Who is logged in in this browser, over which session, since when."""

    id: UUID
    user_id: UUID
    session_id: UUID
    authenticated_at: datetime


async def keep_login(session: AsyncSession, user_id: UUID, session_id: UUID, now: datetime) -> str:
    """Returns the cookie's value for a person who has just logged in."""
    token = new_secret()
    session.add(
        OauthLoginRow(
            token_hash=hash_secret(token),
            session_id=session_id,
            user_id=user_id,
            authenticated_at=now,
            expires_at=now + LOGIN_LIFETIME,
            wrong_codes=0,
        )
    )
    await session.flush()
    return token


async def read_login(session: AsyncSession, token: str | None, now: datetime) -> BrowserLogin | None:
    """Returns who is logged in by this cookie; None when it or the session under it has ended."""
    row = await find_login(session, hash_secret(token), now) if token else None
    if row is None:
        return None
    return BrowserLogin(row.id, row.user_id, row.session_id, row.authenticated_at)
