"""Whether a token is good (RFC 7662), ending it (RFC 7009), and who the person behind it is (userinfo)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import (
    find_client,
    find_grant,
    find_open_user,
    find_refresh_token,
    lock_grant,
)
from subgraphs.identity.model.oauth_tables import OauthClientRow, OauthGrantRow
from subgraphs.identity.service.oauth.grants import REVOKED_BY_CLIENT, end_grant
from subgraphs.identity.service.oauth.issue_tokens import Provider, person_claims
from subgraphs.identity.service.oauth.scopes import OPENID
from subgraphs.identity.service.oauth.secrets import hash_secret
from subgraphs.kit.ids import read_id

INACTIVE: dict[str, Any] = {"active": False}


async def introspect(
    session: AsyncSession, provider: Provider, asker: OauthClientRow, token: str, now: datetime
) -> dict[str, Any]:
    """Returns what the token stands for; only `active: false` to a client of another organization."""
    claims = await provider.read_claims(session, token, now)
    if claims is not None:
        return await _access_state(session, asker, claims, now)
    found = await find_refresh_token(session, hash_secret(token))
    if found is None:
        return INACTIVE
    row, grant = found
    is_good = row.used_at is None and row.expires_at > now and await _runs_for(session, asker, grant, now)
    if not is_good:
        return INACTIVE
    return {
        "active": True,
        "scope": " ".join(grant.scopes),
        "client_id": str(grant.client_id),
        "sub": str(grant.user_id),
        "exp": int(row.expires_at.timestamp()),
        "token_type": "refresh_token",
    }


async def revoke_token(
    session: AsyncSession, provider: Provider, client: OauthClientRow, token: str, now: datetime
) -> None:
    """Ends the grant of the token if it is this client's; says nothing about others (RFC 7009, 2.2)."""
    claims = await provider.read_claims(session, token, now)
    if claims is not None:
        grant_id = read_id(claims["sid"])
    else:
        found = await find_refresh_token(session, hash_secret(token))
        grant_id = found[1].id if found is not None else None
    grant = await lock_grant(session, grant_id) if grant_id is not None else None
    if grant is not None and grant.client_id == client.id:
        await end_grant(session, grant, REVOKED_BY_CLIENT, now)


async def read_person(
    session: AsyncSession, provider: Provider, token: str, now: datetime
) -> dict[str, Any] | None:
    """Returns the claims of the person behind an access token with `openid`; None when it is not good."""
    claims = await provider.read_claims(session, token, now)
    grant_id = read_id(claims["sid"]) if claims is not None else None
    grant = await find_grant(session, grant_id) if grant_id is not None else None
    if grant is None or grant.revoked_at is not None or OPENID not in grant.scopes:
        return None
    user = await find_open_user(session, grant.user_id)
    return person_claims(grant.scopes, user) if user is not None else None


async def _access_state(
    session: AsyncSession, asker: OauthClientRow, claims: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    grant_id = read_id(claims["sid"])
    grant = await find_grant(session, grant_id) if grant_id is not None else None
    if grant is not None:
        is_good = await _runs_for(session, asker, grant, now)
    else:
        owner = await find_client(session, read_id(claims.get("client_id", "")))
        is_good = owner is not None and owner.organization_id == asker.organization_id
    if not is_good:
        return INACTIVE
    told = ("scope", "client_id", "sub", "exp", "iat", "nbf", "aud", "iss", "jti", "org", "permissions")
    return {
        "active": True,
        "token_type": "Bearer",
        **{name: claims[name] for name in told if claims.get(name) is not None},
    }


async def _runs_for(
    session: AsyncSession, asker: OauthClientRow, grant: OauthGrantRow, now: datetime
) -> bool:
    if grant.revoked_at is not None or grant.expires_at <= now:
        return False
    owner = await find_client(session, grant.client_id)
    return owner is not None and owner.organization_id == asker.organization_id
