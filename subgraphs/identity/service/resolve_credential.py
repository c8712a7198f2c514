"""Who stands behind a credential that is no JWT: an API key, or a browser's cookie.

The router asks, keeps the answer for seconds, and passes the viewer on. The answer has the shape of
RFC 7662: `active`, and the claims an access token would carry.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.program_queries import find_live_key, note_key_use
from subgraphs.identity.model.session_queries import find_session_by_cookie, touch_session
from subgraphs.identity.model.tables import ApiKeyRow
from subgraphs.identity.model.user_queries import find_user
from subgraphs.identity.service.access_tokens import TokenSigner
from subgraphs.identity.service.letters import hash_token
from subgraphs.identity.service.programs import KEY_MARK, hash_key
from subgraphs.identity.service.roles import holds
from subgraphs.identity.service.sessions import COOKIE_IDLE, grant_of
from subgraphs.kit.auth.tokens import SERVICE_ACCOUNT
from subgraphs.kit.settings import KitSettings

INACTIVE: dict[str, Any] = {"active": False}
NOTED_EVERY = timedelta(minutes=1)
CREDENTIAL_LENGTH_MAX = 400


async def resolve_credential(
    session: AsyncSession,
    signer: TokenSigner,
    settings: KitSettings,
    credential: str,
    address: str | None,
    *,
    now: datetime,
) -> dict[str, Any]:
    """Returns the claims behind the credential; nothing but `{"active": False}` when it opens nothing."""
    if not 0 < len(credential) <= CREDENTIAL_LENGTH_MAX:
        return INACTIVE
    if credential.startswith(f"{KEY_MARK}_"):
        return await _of_key(session, settings, credential, address, now)
    return await _of_cookie(session, signer, credential, now)


async def _of_key(
    session: AsyncSession, settings: KitSettings, key: str, address: str | None, now: datetime
) -> dict[str, Any]:
    row = await find_live_key(session, hash_key(key), now)
    if row is None or not _admits(row.allowed_networks, address):
        return INACTIVE
    await note_key_use(session, row.id, now, now - NOTED_EVERY)
    claims: dict[str, Any] = {
        "active": True,
        "token_type": "api_key",
        "kind": SERVICE_ACCOUNT,
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": str(row.service_account_id),
        "jti": str(row.id),
        "org": str(row.organization_id),
        "roles": [],
        "permissions": _permissions(row),
    }
    if row.expires_at is not None:
        claims["exp"] = int(row.expires_at.timestamp())
    return claims


def _permissions(row: ApiKeyRow) -> list[str]:
    """Returns what the key may: its scopes, as far as the account still holds them."""
    held = row.service_account.permissions
    kept = {scope for scope in row.scopes if holds(held, scope)}
    # A scope that has become wider than the account gives what of the account lies in it.
    kept |= {permission for permission in held if holds(row.scopes, permission)}
    return sorted(kept)


def _admits(networks: Sequence[str], address: str | None) -> bool:
    if not networks:
        return True
    if address is None:
        return False
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(client in ipaddress.ip_network(each) for each in networks)


async def _of_cookie(
    session: AsyncSession, signer: TokenSigner, cookie: str, now: datetime
) -> dict[str, Any]:
    row = await find_session_by_cookie(session, hash_token(cookie))
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return INACTIVE
    ends_at = min(row.expires_at, row.last_seen_at + COOKIE_IDLE)
    user = await find_user(session, row.user_id)
    if ends_at <= now or user is None or not user.is_open:
        return INACTIVE
    await touch_session(session, row.id, now, now - NOTED_EVERY)
    claims = signer.claims_of(await grant_of(session, row), now)
    return {**claims, "active": True, "token_type": "session_cookie", "exp": int(ends_at.timestamp())}
