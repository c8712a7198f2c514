"""Logging in by another OpenID Connect provider: there and back, by Authlib's client."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt
import orjson
import structlog
from authlib.integrations.base_client import OAuthError as ForeignOAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from fastapi import APIRouter, Request, Response

from subgraphs.identity.oauth.browser import Browser, checked_next
from subgraphs.identity.oauth.forms import read_query
from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.oauth.sign_in_pages import factor_page
from subgraphs.identity.service.log_in import LoginChallenge
from subgraphs.identity.service.oauth.browser_logins import read_login
from subgraphs.identity.service.oauth.errors import OAuthError
from subgraphs.identity.service.oauth.external_login import (
    ExternalIdentity,
    ExternalProvider,
    find_or_link_user,
)
from subgraphs.identity.service.oauth.secrets import new_secret
from subgraphs.identity.service.oauth.sign_in import sign_in_proved
from subgraphs.kit.sealing import UnreadableSecretError

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
TIMEOUT_S = 10.0
WAY_LIFETIME = timedelta(minutes=10)
CLOCK_SKEW_S = 60
_COOKIE, _COOKIE_LENGTH_MAX = "external", 4_000
_PURPOSE = "external login"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

log = structlog.get_logger(__name__)


class ExternalLoginError(Exception):
    """The other provider does not answer, or answers what it should not."""


@dataclass(frozen=True, slots=True)
class Way:
    """What the browser carries, sealed, while it is at the other provider."""

    name: str
    state: str
    nonce: str
    verifier: str
    next: str


class ExternalLogin:
    """The two routes: away and back."""

    def __init__(self, parts: OauthParts) -> None:
        self._parts = parts
        self.providers = {each.name: each for each in parts.external_providers}

    async def leave(self, request: Request, name: str) -> Response:
        """Sends the browser to the other provider."""
        browser = Browser(self._parts, request)
        provider = self.providers.get(name)
        next_ = checked_next(request.query_params.get("next", ""))
        if provider is None or next_ is None:
            return browser.message("error", "error_bad_request", status=404)
        way = Way(name, new_secret(), new_secret(), new_secret(), next_)
        try:
            async with self._client(provider) as client:
                found = await _discover(client, provider)
                url, _ = client.create_authorization_url(
                    found["authorization_endpoint"],
                    state=way.state,
                    nonce=way.nonce,
                    code_verifier=way.verifier,
                )
        except ExternalLoginError as error:
            return self._refuse(browser, provider, error)
        answer = browser.redirect(url)
        content = orjson.dumps(way).decode()
        browser.remember(answer, _COOKIE, self._parts.doorway.storage.seal(content, _PURPOSE), WAY_LIFETIME)
        return answer

    async def come_back(self, request: Request, name: str) -> Response:
        """Takes what the other provider answered and logs the person in here."""
        browser = Browser(self._parts, request)
        way, provider = self._way(browser), self.providers.get(name)
        try:
            parameters = read_query(request)
        except OAuthError:
            parameters = {}
        state = parameters.get("state", "")
        is_ours = way is not None and hmac.compare_digest(way.state.encode(), state.encode())
        if provider is None or way is None or way.name != name or not is_ours:
            return browser.message("error", "error_stale_form", status=400)
        try:
            claims = await self._identify(provider, way, parameters)
        except ExternalLoginError as error:
            return self._refuse(browser, provider, error)
        answer = await self._let_in(browser, provider, ExternalIdentity.of(claims), way.next)
        browser.remember(answer, _COOKIE, "", timedelta())
        return answer

    async def _let_in(
        self, browser: Browser, provider: ExternalProvider, found: ExternalIdentity, next_: str
    ) -> Response:
        parts, now = self._parts, self._parts.now()
        async with parts.database.read_session() as session:
            login = await read_login(session, browser.login_token, now)
        logged_in = login.user_id if login is not None else None
        user_id = await find_or_link_user(parts.database, provider, found, logged_in, now)
        if user_id is None:
            return browser.message("error", "error_external_unknown", status=403)
        outcome = await sign_in_proved(parts.database, parts.doorway, user_id, browser.origin, now)
        if outcome is None:
            return browser.message("error", "error_external_login", status=403)
        if isinstance(outcome, LoginChallenge):
            return factor_page(browser, next_, outcome.token, outcome.passkey_options)
        return browser.redirect(next_, login=outcome)

    async def _identify(
        self, provider: ExternalProvider, way: Way, parameters: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Returns the claims of the ID token: signed by the provider, for us, for this very way."""
        if "code" not in parameters or parameters.get("iss", provider.issuer) != provider.issuer:
            raise ExternalLoginError(parameters.get("error", "no code"))
        try:
            async with self._client(provider) as client:
                found = await _discover(client, provider)
                token = await client.fetch_token(
                    found["token_endpoint"], code=parameters["code"], code_verifier=way.verifier
                )
                keys = jwt.PyJWKSet.from_dict(dict(await _get_json(client, found["jwks_uri"])))
            id_token = token["id_token"]
            kid = jwt.get_unverified_header(id_token).get("kid")
            key = next(each for each in keys.keys if kid is None or each.key_id == kid)
            claims = jwt.decode(
                id_token,
                key.key,
                algorithms=ALGORITHMS,
                audience=provider.client_id,
                issuer=provider.issuer,
                leeway=CLOCK_SKEW_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except (jwt.PyJWTError, ForeignOAuthError, httpx2.HTTPError, KeyError, StopIteration) as error:
            raise ExternalLoginError(str(error) or type(error).__name__) from error
        if not hmac.compare_digest(str(claims["nonce"]).encode(), way.nonce.encode()):
            raise ExternalLoginError("the nonce is another")
        return claims

    @asynccontextmanager
    async def _client(self, provider: ExternalProvider) -> AsyncIterator[AsyncOAuth2Client]:
        client = AsyncOAuth2Client(
            provider.client_id,
            provider.client_secret,
            scope=provider.scope,
            redirect_uri=f"{self._parts.issuer}/oauth/external/{provider.name}/back",
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )
        try:
            yield client
        finally:
            await client.aclose()  # pyright: ignore[reportAttributeAccessIssue]  # httpx2 has it

    def _way(self, browser: Browser) -> Way | None:
        sealed = browser.remembered(_COOKIE, _COOKIE_LENGTH_MAX)
        if sealed is None:
            return None
        try:
            return Way(**orjson.loads(self._parts.doorway.storage.open(sealed, _PURPOSE)))
        except (UnreadableSecretError, orjson.JSONDecodeError, TypeError):
            return None

    def _refuse(self, browser: Browser, provider: ExternalProvider, error: Exception) -> Response:
        log.warning("external_login_failed", provider=provider.name, reason=str(error))
        return browser.message("error", "error_external_login", status=502)


def external_routes(parts: OauthParts) -> APIRouter:
    """Returns the routes; none where no provider is set up."""
    login = ExternalLogin(parts)
    router = APIRouter()
    if login.providers:
        path = "/oauth/external/{name}"
        router.add_api_route(path, login.leave, methods=["GET"], response_model=None)
        router.add_api_route(f"{path}/back", login.come_back, methods=["GET"], response_model=None)
    return router


async def _discover(client: AsyncOAuth2Client, provider: ExternalProvider) -> Mapping[str, Any]:
    """Returns the provider's metadata, of which every address must be safe to use."""
    found = await _get_json(client, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise ExternalLoginError("the metadata is another issuer's")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        parts = urlsplit(str(found.get(name)))
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ExternalLoginError(f"{name} is not https")
    return found


async def _get_json(client: AsyncOAuth2Client, url: str) -> Mapping[str, Any]:
    try:
        answer = await client.request("GET", url, withhold_token=True)
        answer.raise_for_status()
        content = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise ExternalLoginError(f"{url}: {str(error) or type(error).__name__}") from error
    if not isinstance(content, dict):
        raise ExternalLoginError(f"{url}: no JSON object")
    return content
