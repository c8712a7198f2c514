"""The authorization request (RFC 6749, 4.1.1, with PKCE): read, checked, answered by a code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import find_client, find_consent, put_consent
from subgraphs.identity.model.oauth_tables import OauthClientRow, OauthCodeRow, OauthConsentRow
from subgraphs.identity.model.organization_queries import find_membership
from subgraphs.identity.service.oauth.browser_logins import BrowserLogin
from subgraphs.identity.service.oauth.clients import AUTHORIZATION_CODE
from subgraphs.identity.service.oauth.errors import OAuthError, UnsafeRequestError
from subgraphs.identity.service.oauth.scopes import permissions_in, read_scopes
from subgraphs.identity.service.oauth.secrets import hash_secret, new_secret
from subgraphs.kit.ids import read_id

CODE_LIFETIME = timedelta(seconds=60)
STATE_LENGTH_MAX = 1_000
PARAMETERS = (
    *("client_id", "redirect_uri", "response_type", "scope", "state", "nonce"),
    *("code_challenge", "code_challenge_method", "prompt", "max_age", "ui_locales", "response_mode"),
)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PROMPTS = frozenset({"none", "login", "consent", "select_account"})


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request of a known client that may be answered at `redirect_uri`."""

    client: OauthClientRow
    redirect_uri: str
    scopes: Sequence[str]
    state: str | None
    nonce: str | None
    code_challenge: str
    prompts: frozenset[str]
    age_s_max: int | None

    def needs_login(self, login: BrowserLogin | None, now: datetime) -> bool:
        """Whether the person has to log in first, or once more."""
        if login is None or "login" in self.prompts:
            return True
        return self.age_s_max is not None and now - login.authenticated_at > timedelta(seconds=self.age_s_max)


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where the answer goes, whatever it is."""

    redirect_uri: str
    state: str | None
    issuer: str

    def with_code(self, code: str) -> str:
        """Returns the address that carries the code."""
        return self._with({"code": code})

    def with_error(self, error: OAuthError) -> str:
        """Returns the address that carries the refusal."""
        return self._with({"error": error.code, "error_description": error.description})

    def _with(self, parameters: Mapping[str, str]) -> str:
        state = {"state": self.state} if self.state is not None else {}
        # RFC 9207: the client can tell whose answer it is.
        added = urlencode({**parameters, **state, "iss": self.issuer})
        return f"{self.redirect_uri}{'&' if urlsplit(self.redirect_uri).query else '?'}{added}"


async def find_return_address(
    session: AsyncSession, parameters: Mapping[str, str], issuer: str
) -> tuple[OauthClientRow, ReturnAddress]:
    """Returns the client and where it may be answered; raises UnsafeRequestError when it may not be."""
    client = await find_client(session, read_id(parameters.get("client_id", "")))
    if client is None:
        raise UnsafeRequestError("unknown_client")
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in client.redirect_uris:
        raise UnsafeRequestError("unknown_redirect_uri")
    state = parameters.get("state")
    if state is not None and len(state) > STATE_LENGTH_MAX:
        raise UnsafeRequestError("state_too_long")
    return client, ReturnAddress(redirect_uri, state, issuer)


def read_request(
    client: OauthClientRow, address: ReturnAddress, parameters: Mapping[str, str]
) -> AuthorizationRequest:
    """Returns the checked request; raises OAuthError, which goes to the return address."""
    if parameters.get("response_type") != "code" or AUTHORIZATION_CODE not in client.grant_types:
        raise OAuthError("unsupported_response_type", "Only response_type=code is there")
    if parameters.get("response_mode", "query") != "query":
        raise OAuthError("invalid_request", "Only response_mode=query is there")
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != "S256" or _CHALLENGE.fullmatch(challenge) is None:
        raise OAuthError("invalid_request", "PKCE with code_challenge_method=S256 is required")
    prompts = frozenset(parameters.get("prompt", "").split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise OAuthError("invalid_request", "There is no such prompt")
    nonce = parameters.get("nonce")
    if nonce is not None and len(nonce) > STATE_LENGTH_MAX:
        raise OAuthError("invalid_request", "The nonce is too long")
    return AuthorizationRequest(
        client=client,
        redirect_uri=address.redirect_uri,
        scopes=read_scopes(parameters.get("scope"), client.scopes),
        state=address.state,
        nonce=nonce,
        code_challenge=challenge,
        prompts=prompts,
        age_s_max=_read_age(parameters.get("max_age")),
    )


async def standing_consent(
    session: AsyncSession, request: AuthorizationRequest, user_id: UUID
) -> OauthConsentRow | None:
    """Returns the consent that covers the request already, if the client does not want it asked again."""
    consent = await find_consent(session, user_id, request.client.id)
    if consent is None or "consent" in request.prompts or not set(request.scopes) <= set(consent.scopes):
        return None
    if not await _acts_there(session, user_id, consent.organization_id, request.scopes):
        return None
    return consent


async def give_consent(
    session: AsyncSession,
    client: OauthClientRow,
    scopes: Sequence[str],
    user_id: UUID,
    organization_id: UUID | None,
    *,
    now: datetime,
) -> OauthConsentRow:
    """Writes what the person lets the client do, beside what they let it do before."""
    if not await _acts_there(session, user_id, organization_id, scopes):
        raise OAuthError("access_denied", "The person does not belong to this organization")
    before = await find_consent(session, user_id, client.id)
    known = before.scopes if before is not None and before.organization_id == organization_id else []
    row = OauthConsentRow(
        user_id=user_id,
        client_id=client.id,
        organization_id=organization_id,
        scopes=sorted({*scopes, *known}),
        granted_at=now,
    )
    await put_consent(session, row)
    return row


async def issue_code(
    session: AsyncSession,
    request: AuthorizationRequest,
    login: BrowserLogin,
    organization_id: UUID | None,
    now: datetime,
) -> str:
    """Returns a code, good once and for a minute."""
    code = new_secret()
    session.add(
        OauthCodeRow(
            code_hash=hash_secret(code),
            client_id=request.client.id,
            user_id=login.user_id,
            organization_id=organization_id,
            redirect_uri=request.redirect_uri,
            scopes=list(request.scopes),
            code_challenge=request.code_challenge,
            nonce=request.nonce,
            authenticated_at=login.authenticated_at,
            expires_at=now + CODE_LIFETIME,
        )
    )
    await session.flush()
    return code


async def _acts_there(
    session: AsyncSession, user_id: UUID, organization_id: UUID | None, scopes: Sequence[str]
) -> bool:
    if organization_id is None:
        return not permissions_in(scopes)
    return await find_membership(session, organization_id, user_id) is not None


def _read_age(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise OAuthError("invalid_request", "max_age is a number of seconds")
    return int(text)
