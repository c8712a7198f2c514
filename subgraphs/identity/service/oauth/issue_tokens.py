"""Tokens: for a grant, or for a client on its own.

An access token is one of ours with the client's id in it. It opens our API only where a scope says so, and
gives the permissions the person holds now, of those that were granted.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import find_open_user
from subgraphs.identity.model.oauth_tables import OauthClientRow, OauthGrantRow, OauthRefreshTokenRow
from subgraphs.identity.model.organization_queries import find_membership
from subgraphs.identity.model.tables import UserRow
from subgraphs.identity.service.access_tokens import TokenSigner
from subgraphs.identity.service.oauth.errors import invalid_grant
from subgraphs.identity.service.oauth.scopes import (
    ACCOUNT,
    EMAIL,
    OFFLINE,
    OPENID,
    PROFILE,
    held_permissions,
    permissions_in,
    reaches_api,
)
from subgraphs.identity.service.oauth.secrets import hash_secret
from subgraphs.identity.service.roles import permissions_of
from subgraphs.kit.auth.tokens import SERVICE_ACCOUNT
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.ids import new_id
from subgraphs.kit.settings import KitSettings

ACCESS_LIFETIME = timedelta(minutes=15)
ID_TOKEN_LIFETIME = timedelta(minutes=10)
REFRESH_LIFETIME = timedelta(days=7)
GRANT_LIFETIME = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Provider:
    """Who issues: the key, the names in tokens, and the address by which clients know us."""

    signer: TokenSigner
    settings: KitSettings

    @property
    def issuer(self) -> str:
        """The issuer of OpenID Connect: the address people reach the platform at."""
        return self.settings.public_url.rstrip("/")

    @property
    def userinfo_url(self) -> str:
        """The audience every access token has, also one that does not open our API."""
        return f"{self.issuer}/oauth/userinfo"

    async def read_claims(self, session: AsyncSession, token: str, now: datetime) -> dict[str, Any] | None:
        """Returns what an access token issued here says; None for anything else, expired ones included."""
        await self.signer.keys.freshen(session, now)
        return self.signer.read_claims(token, self.userinfo_url, now)


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """The answer of the token endpoint."""

    access_token: str
    expires_in_s: int
    scopes: Sequence[str]
    refresh_token: str | None = None
    id_token: str | None = None

    def content(self) -> dict[str, Any]:
        """Returns the members of the JSON answer (RFC 6749, 5.1)."""
        content = {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": self.expires_in_s,
            "scope": " ".join(self.scopes),
            "refresh_token": self.refresh_token,
            "id_token": self.id_token,
        }
        return {name: value for name, value in content.items() if value is not None}


async def issue_for_grant(
    session: AsyncSession,
    provider: Provider,
    grant: OauthGrantRow,
    *,
    nonce: str | None = None,
    refresh_token: str | None,
    now: datetime,
) -> IssuedTokens:
    """Returns tokens for a running grant; raises `invalid_grant` when its user is gone."""
    user = await find_open_user(session, grant.user_id)
    if user is None:
        raise invalid_grant()
    await provider.signer.keys.freshen(session, now)
    claims = _claims(provider, grant.scopes, now) | {
        "sub": str(user.id),
        "sid": str(grant.id),
        "client_id": str(grant.client_id),
        "auth_time": int(grant.authenticated_at.timestamp()),
        **await _authority(session, grant),
    }
    access_token = provider.signer.sign_claims(claims, kind="at+jwt")
    id_token = None
    if OPENID in grant.scopes:
        id_token = _id_token(provider, grant, user, access_token, nonce=nonce, now=now)
    if refresh_token is not None:
        await _store_refresh_token(session, grant, refresh_token, now)
    seconds = int(ACCESS_LIFETIME.total_seconds())
    return IssuedTokens(access_token, seconds, grant.scopes, refresh_token, id_token)


async def issue_for_client(
    session: AsyncSession, provider: Provider, client: OauthClientRow, scopes: Sequence[str], now: datetime
) -> IssuedTokens:
    """Returns a token by which the client acts in its organization as a program of it, in nobody's name."""
    await provider.signer.keys.freshen(session, now)
    held = permissions_in(scopes)
    claims = _claims(provider, held, now) | {
        "sub": str(client.id),
        "kind": SERVICE_ACCOUNT,
        "sid": str(new_id()),
        "client_id": str(client.id),
        "org": str(client.organization_id),
        "roles": [],
        "permissions": held,
    }
    access_token = provider.signer.sign_claims(claims, kind="at+jwt")
    return IssuedTokens(access_token, int(ACCESS_LIFETIME.total_seconds()), held)


def person_claims(scopes: Sequence[str], user: UserRow) -> dict[str, Any]:
    """Returns what OpenID Connect says of the person, as far as the scopes go."""
    claims: dict[str, Any] = {"sub": str(user.id)}
    if PROFILE in scopes:
        claims |= {"name": user.name, "locale": user.locale, "updated_at": int(user.updated_at.timestamp())}
    if EMAIL in scopes:
        claims |= {"email": user.email, "email_verified": user.email_verified_at is not None}
    return claims


def wants_refresh_token(client: OauthClientRow, scopes: Sequence[str]) -> bool:
    """Whether the grant is to be renewed: asked for, and the client's to have."""
    return OFFLINE in scopes and "refresh_token" in client.grant_types


def _claims(provider: Provider, scopes: Sequence[str], now: datetime) -> dict[str, Any]:
    issued_at = int(now.timestamp())
    audience = [provider.userinfo_url]
    if reaches_api(scopes):
        audience.append(provider.settings.token_audience)
    return {
        "iss": provider.settings.token_issuer,
        "aud": audience,
        "jti": str(new_id()),
        "iat": issued_at,
        "nbf": issued_at,
        "exp": issued_at + int(ACCESS_LIFETIME.total_seconds()),
        "scope": " ".join(scopes),
    }


async def _authority(session: AsyncSession, grant: OauthGrantRow) -> dict[str, Any]:
    """Returns the claims of what the grant permits at this moment."""
    delegated = {"delegated": ACCOUNT not in grant.scopes}
    if grant.organization_id is None:
        return {"org": None, "roles": [], "permissions": [], **delegated}
    membership = await find_membership(session, grant.organization_id, grant.user_id)
    if membership is None:
        return {"org": None, "roles": [], "permissions": [], **delegated}
    holder = Viewer(
        grant.user_id, grant.organization_id, permissions=frozenset(permissions_of(membership.role))
    )
    return {
        "org": str(grant.organization_id),
        "roles": [],
        "permissions": held_permissions(grant.scopes, holder),
        **delegated,
    }


def _id_token(
    provider: Provider,
    grant: OauthGrantRow,
    user: UserRow,
    access_token: str,
    *,
    nonce: str | None,
    now: datetime,
) -> str:
    issued_at = int(now.timestamp())
    claims = person_claims(grant.scopes, user) | {
        "iss": provider.issuer,
        "aud": str(grant.client_id),
        "iat": issued_at,
        "exp": issued_at + int(ID_TOKEN_LIFETIME.total_seconds()),
        "auth_time": int(grant.authenticated_at.timestamp()),
        "sid": str(grant.id),
        # OpenID Connect Core 3.1.3.6 halves the hash of the signature's algorithm: SHA-512 for EdDSA.
        "at_hash": urlsafe_b64encode(hashlib.sha512(access_token.encode()).digest()[:32])
        .rstrip(b"=")
        .decode(),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return provider.signer.sign_claims(claims, kind="JWT")


async def _store_refresh_token(
    session: AsyncSession, grant: OauthGrantRow, token: str, now: datetime
) -> None:
    session.add(
        OauthRefreshTokenRow(
            token_hash=hash_secret(token),
            grant_id=grant.id,
            created_at=now,
            expires_at=min(now + REFRESH_LIFETIME, grant.expires_at),
        )
    )
    await session.flush()


def new_grant(
    client: OauthClientRow,
    user_id: UUID,
    organization_id: UUID | None,
    scopes: Sequence[str],
    authenticated_at: datetime,
    now: datetime,
) -> OauthGrantRow:
    """Returns a grant to be added; without refresh tokens it ends with its access token."""
    lifetime = GRANT_LIFETIME if wants_refresh_token(client, scopes) else ACCESS_LIFETIME
    return OauthGrantRow(
        id=new_id(),
        client_id=client.id,
        user_id=user_id,
        organization_id=organization_id,
        scopes=list(scopes),
        authenticated_at=authenticated_at,
        created_at=now,
        expires_at=now + lifetime,
    )
