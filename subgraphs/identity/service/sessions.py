"""Starting and continuing sessions: the pair of tokens, and what the access token grants."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.organization_queries import find_first_membership, find_membership
from subgraphs.identity.model.tables import MembershipRow, RefreshTokenRow, SessionRow
from subgraphs.identity.service.access_tokens import Grant, TokenSigner, hash_refresh_token
from subgraphs.identity.service.roles import permissions_of
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.ids import new_id

REFRESH_LIFETIME = timedelta(days=7)
SESSION_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """What the client keeps. `refresh_token` is None where the one it has stays good."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str | None
    viewer: Viewer


async def start_session(
    session: AsyncSession,
    signer: TokenSigner,
    user_id: UUID,
    organization_id: UUID | None,
    now: datetime,
) -> tuple[SessionRow, SessionTokens]:
    """Writes a new session and returns its first tokens; without an organization named, the oldest one."""
    membership = await _membership(session, user_id, organization_id)
    row = SessionRow(
        id=new_id(),
        user_id=user_id,
        organization_id=membership.organization_id if membership else None,
        created_at=now,
        expires_at=now + SESSION_LIFETIME,
    )
    session.add(row)
    await session.flush()
    token = secrets.token_urlsafe(32)
    await store_refresh_token(session, row, token, now)
    return row, _tokens(signer, _grant(row, membership), token, now)


async def store_refresh_token(session: AsyncSession, row: SessionRow, token: str, now: datetime) -> None:
    """Writes the family's next live token; it never outlives the family."""
    session.add(
        RefreshTokenRow(
            session_id=row.id,
            token_hash=hash_refresh_token(token),
            created_at=now,
            expires_at=min(now + REFRESH_LIFETIME, row.expires_at),
        )
    )
    await session.flush()


async def sign_tokens(
    session: AsyncSession, signer: TokenSigner, row: SessionRow, refresh_token: str | None, now: datetime
) -> SessionTokens:
    """Returns tokens of a running session, with the permissions its user has at this moment."""
    membership = None
    if row.organization_id is not None:
        membership = await find_membership(session, row.organization_id, row.user_id)
    return _tokens(signer, _grant(row, membership), refresh_token, now)


async def _membership(
    session: AsyncSession, user_id: UUID, organization_id: UUID | None
) -> MembershipRow | None:
    if organization_id is None:
        return await find_first_membership(session, user_id)
    return await find_membership(session, organization_id, user_id)


def _grant(row: SessionRow, membership: MembershipRow | None) -> Grant:
    if membership is None:
        return Grant(row.user_id, row.id)
    return Grant(
        user_id=row.user_id,
        session_id=row.id,
        organization_id=membership.organization_id,
        roles=(membership.role.name,),
        permissions=permissions_of(membership.role),
    )


def _tokens(signer: TokenSigner, grant: Grant, refresh_token: str | None, now: datetime) -> SessionTokens:
    access_token, expires_at = signer.sign(grant, now)
    viewer = Viewer(
        user_id=grant.user_id,
        organization_id=grant.organization_id,
        session_id=grant.session_id,
        roles=tuple(grant.roles),
        permissions=frozenset(grant.permissions),
    )
    return SessionTokens(access_token, expires_at, refresh_token, viewer)
