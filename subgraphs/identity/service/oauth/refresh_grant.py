"""Refresh tokens of clients: good once; one that comes back ends the grant (RFC 9700, 4.14)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import lock_refresh_token
from subgraphs.identity.model.oauth_tables import OauthClientRow
from subgraphs.identity.service.oauth.errors import OAuthError, invalid_grant
from subgraphs.identity.service.oauth.grants import REFRESH_REUSED, end_grant
from subgraphs.identity.service.oauth.issue_tokens import IssuedTokens, Provider, issue_for_grant
from subgraphs.identity.service.oauth.secrets import hash_secret

REUSE_LEEWAY = timedelta(seconds=20)
"""Two requests that cross, or one whose answer was lost, are no theft."""


async def refresh_grant(
    session: AsyncSession, provider: Provider, client: OauthClientRow, token: str, now: datetime
) -> IssuedTokens | OAuthError:
    """Returns new tokens. The refusal is returned, not raised: the grant's end has to be committed.

    The successor of a token is always the same, so within the leeway all who ask get one and the same.
    """
    found = await lock_refresh_token(session, hash_secret(token))
    if found is None:
        return invalid_grant()
    row, grant = found
    if grant.client_id != client.id or grant.revoked_at is not None:
        return invalid_grant()
    if grant.expires_at <= now or row.expires_at <= now:
        return invalid_grant()
    successor = provider.signer.successor_of(token)
    if row.used_at is None:
        row.used_at = now
        return await issue_for_grant(session, provider, grant, refresh_token=successor, now=now)
    following = await lock_refresh_token(session, hash_secret(successor))
    is_late = now - row.used_at > REUSE_LEEWAY
    if is_late or following is None or following[0].used_at is not None:
        await end_grant(session, grant, REFRESH_REUSED, now)
        return invalid_grant()
    issued = await issue_for_grant(session, provider, grant, refresh_token=None, now=now)
    return IssuedTokens(issued.access_token, issued.expires_in_s, issued.scopes, successor, issued.id_token)
