"""Starting and continuing sessions: the pair of tokens, and what the access token grants."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import NotAMember, SecondFactorRequired
from subgraphs.identity.events import UserLoggedIn
from subgraphs.identity.model.organization_queries import (
    find_first_membership,
    find_membership,
    project_grants_of,
)
from subgraphs.identity.model.session_queries import is_new_device, sessions_beyond
from subgraphs.identity.model.tables import MembershipRow, RefreshTokenRow, SessionRow, UserRow
from subgraphs.identity.model.user_queries import lock_user
from subgraphs.identity.service.access_tokens import Grant, TokenSigner, hash_refresh_token
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.roles import permissions_of
from subgraphs.kit.auth.tokens import viewer_of_claims
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.client_origin import UNKNOWN_ORIGIN, ClientOrigin
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id

SESSIONS_MAX = 20
"""How many sessions one user has at once; the ones used longest ago end for the new."""
SESSION_LIMIT = "session_limit"
PROJECT_GRANTS_MAX = 100
COOKIE_IDLE = timedelta(days=7)
"""How long a browser's cookie is good without being used; the session's own end comes first."""
REFRESH_LIFETIME = timedelta(days=7)
SESSION_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """What the client keeps. `refresh_token` is None where the one it has stays good."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str | None
    viewer: Viewer


@dataclass(frozen=True, slots=True)
class Arrival:
    """How somebody came in: by which methods (names of RFC 8176), from where."""

    methods: tuple[str, ...]
    origin: ClientOrigin = UNKNOWN_ORIGIN
    has_second_factor: bool = False


async def start_session(
    session: AsyncSession,
    signer: TokenSigner,
    user: UserRow,
    organization_id: UUID | None,
    arrival: Arrival,
    *,
    now: datetime,
) -> tuple[SessionRow, SessionTokens]:
    """Writes a new session and returns its first tokens; without an organization named, the oldest one.

    The user is locked: of sessions that start at once, no more than the limit stay, the latest.
    """
    await lock_user(session, user.id)
    membership = await _membership(session, user.id, organization_id, arrival)
    new_device = await is_new_device(session, user.id, arrival.origin.user_agent)
    row = SessionRow(
        id=new_id(),
        user_id=user.id,
        organization_id=membership.organization_id if membership else None,
        created_at=now,
        expires_at=now + SESSION_LIFETIME,
        authenticated_at=now,
        second_factor_at=now if arrival.has_second_factor else None,
        methods=list(arrival.methods),
        address=arrival.origin.address,
        user_agent=arrival.origin.user_agent,
        last_seen_at=now,
    )
    session.add(row)
    await session.flush()
    await end_sessions(session, sessions_beyond(user.id, SESSIONS_MAX, now), SESSION_LIMIT, now)
    await record_event(session, _logged_in(row, new_device, now))
    token = secrets.token_urlsafe(32)
    await store_refresh_token(session, row, token, now)
    return row, await sign_tokens(session, signer, row, token, now)


def _logged_in(row: SessionRow, new_device: bool, now: datetime) -> UserLoggedIn:
    return UserLoggedIn(
        subject=str(row.user_id),
        occurred_at=now,
        organization_id=row.organization_id,
        session_id=row.id,
        new_device=new_device,
        address=row.address,
        user_agent=row.user_agent,
        methods=tuple(row.methods),
    )


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
    await signer.keys.freshen(session, now)
    grant = await grant_of(session, row)
    access_token, expires_at = signer.sign(grant, now)
    viewer = viewer_of_claims(signer.claims_of(grant, now))
    return SessionTokens(access_token, expires_at, refresh_token, viewer)


async def grant_of(session: AsyncSession, row: SessionRow) -> Grant:
    """Returns what the session's user may do at this moment, where the session acts."""
    grant = Grant(
        user_id=row.user_id,
        session_id=row.id,
        authenticated_at=row.authenticated_at,
        has_second_factor=row.second_factor_at is not None,
        methods=tuple(row.methods),
    )
    membership = None
    if row.organization_id is not None:
        membership = await find_membership(session, row.organization_id, row.user_id)
    if membership is None or not admits(membership, grant.has_second_factor):
        return grant
    granted = await project_grants_of(session, membership.organization_id, row.user_id, PROJECT_GRANTS_MAX)
    return replace(
        grant,
        organization_id=membership.organization_id,
        roles=(membership.role.name,),
        permissions=permissions_of(membership.role),
        project_grants={each.project_id: each.permissions for each in granted},
    )


def admits(membership: MembershipRow, has_second_factor: bool) -> bool:
    """Whether the organization lets this member act with what they have shown."""
    return has_second_factor or not membership.organization.mfa_required


async def _membership(
    session: AsyncSession, user_id: UUID, organization_id: UUID | None, arrival: Arrival
) -> MembershipRow | None:
    """Returns where the user will act; a refusal only when they named the place."""
    if organization_id is None:
        first = await find_first_membership(session, user_id)
        return first if first is not None and admits(first, arrival.has_second_factor) else None
    membership = await find_membership(session, organization_id, user_id)
    if membership is None:
        raise NotAMember("You do not belong to this organization", field=["input", "organizationId"])
    if not admits(membership, arrival.has_second_factor):
        raise SecondFactorRequired(
            "This organization asks for a second factor; add one first", field=["input", "organizationId"]
        )
    return membership
