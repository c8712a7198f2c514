"""A code turned into tokens, once (RFC 6749, 4.1.3; RFC 9700, 4.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import lock_code, lock_grant
from subgraphs.identity.model.oauth_tables import OauthClientRow
from subgraphs.identity.service.oauth.errors import OAuthError, invalid_grant
from subgraphs.identity.service.oauth.grants import CODE_REUSED, end_grant
from subgraphs.identity.service.oauth.issue_tokens import (
    IssuedTokens,
    Provider,
    issue_for_grant,
    new_grant,
    wants_refresh_token,
)
from subgraphs.identity.service.oauth.secrets import hash_secret, new_secret, verifies_challenge

VERIFIER_LENGTH_MAX = 128


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What a client shows: the code, where it was sent to, and the PKCE verifier."""

    code: str
    redirect_uri: str
    verifier: str


async def exchange_code(
    session: AsyncSession,
    provider: Provider,
    client: OauthClientRow,
    shown: ShownCode,
    now: datetime,
) -> IssuedTokens | OAuthError:
    """Returns tokens; a code that was used before ends what it led to.

    The refusal is returned, not raised: that ending has to be committed.
    """
    row = await lock_code(session, hash_secret(shown.code))
    if row is None or row.client_id != client.id:
        return invalid_grant()
    if row.used_at is not None:
        grant = await lock_grant(session, row.grant_id) if row.grant_id is not None else None
        if grant is not None:
            await end_grant(session, grant, CODE_REUSED, now)
        return invalid_grant()
    # Used up also by a wrong verifier: who has the code without it is not to try again.
    row.used_at = now
    if (
        row.expires_at <= now
        or row.redirect_uri != shown.redirect_uri
        or len(shown.verifier) > VERIFIER_LENGTH_MAX
    ):
        return invalid_grant()
    if not verifies_challenge(shown.verifier, row.code_challenge):
        return invalid_grant()
    grant = new_grant(client, row.user_id, row.organization_id, row.scopes, row.authenticated_at, now)
    session.add(grant)
    await session.flush()
    row.grant_id = grant.id
    refresh_token = new_secret() if wants_refresh_token(client, grant.scopes) else None
    return await issue_for_grant(
        session, provider, grant, nonce=row.nonce, refresh_token=refresh_token, now=now
    )
