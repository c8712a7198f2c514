"""What programs call: token, device authorization, introspection, revocation, userinfo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_tables import OauthClientRow
from subgraphs.identity.oauth.forms import read_bearer, read_client_proof, read_form
from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.service.oauth.clients import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    DEVICE_CODE,
    REFRESH_TOKEN,
    prove_client,
)
from subgraphs.identity.service.oauth.devices import poll_device, start_device
from subgraphs.identity.service.oauth.errors import OAuthError, invalid_client
from subgraphs.identity.service.oauth.exchange_code import ShownCode, exchange_code
from subgraphs.identity.service.oauth.issue_tokens import IssuedTokens, issue_for_client
from subgraphs.identity.service.oauth.refresh_grant import refresh_grant
from subgraphs.identity.service.oauth.scopes import permissions_in, read_scopes
from subgraphs.identity.service.oauth.token_state import introspect, read_person, revoke_token
from subgraphs.kit.ids import read_id

Form = Mapping[str, str]
Answer = Callable[[AsyncSession, OauthClientRow, Form], Awaitable[dict[str, Any] | OAuthError]]

# Browsers' programs may call these from anywhere: they carry no cookie, only what the program itself holds.
CORS = {"access-control-allow-origin": "*"}
PREFLIGHT = {
    **CORS,
    "access-control-allow-headers": "authorization, content-type",
    "access-control-allow-methods": "GET, POST",
    "access-control-max-age": "7200",
}
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


class TokenEndpoints:
    """The endpoints; each answers JSON, refusals included (RFC 6749, 5.2)."""

    def __init__(self, parts: OauthParts) -> None:
        self._parts = parts

    async def token(self, request: Request) -> Response:
        """Turns a code, a refresh token, a device code or a client's secret into tokens."""
        return await self._for_client(request, self._issue)

    async def device_authorization(self, request: Request) -> Response:
        """Begins the device flow."""
        return await self._for_client(request, self._start_device)

    async def introspection(self, request: Request) -> Response:
        """Says whether a token is good; only to clients that can prove who they are."""
        return await self._for_client(request, self._introspect)

    async def revocation(self, request: Request) -> Response:
        """Ends what a token belongs to; answers alike for tokens that are nobody's."""
        return await self._for_client(request, self._revoke)

    async def userinfo(self, request: Request) -> Response:
        """Says who the person behind an access token is."""
        parts = self._parts
        async with parts.database.read_session() as session:
            claims = await read_person(session, parts.provider, read_bearer(request), parts.now())
        if claims is None:
            challenge = {"www-authenticate": 'Bearer error="invalid_token"'}
            return _json({"error": "invalid_token"}, 401, challenge)
        return _json(claims)

    async def _for_client(self, request: Request, answer: Answer) -> Response:
        try:
            form = await read_form(request)
            client_id, secret = read_client_proof(request, form)
            async with self._parts.database.transaction() as session:
                client = await prove_client(session, read_id(client_id), secret)
                content = await answer(session, client, form)
        except OAuthError as error:
            content = error
        return _refusal(content, request) if isinstance(content, OAuthError) else _json(content)

    async def _issue(
        self, session: AsyncSession, client: OauthClientRow, form: Form
    ) -> dict[str, Any] | OAuthError:
        grant_type = form.get("grant_type", "")
        ways = {
            AUTHORIZATION_CODE: self._by_code,
            REFRESH_TOKEN: self._by_refresh_token,
            CLIENT_CREDENTIALS: self._by_itself,
            DEVICE_CODE: self._by_device_code,
        }
        if grant_type not in ways:
            raise OAuthError("unsupported_grant_type", "There is no such grant type")
        if grant_type not in client.grant_types:
            raise OAuthError("unauthorized_client", "The client was not registered for this grant type")
        issued = await ways[grant_type](session, client, form)
        return issued if isinstance(issued, OAuthError) else issued.content()

    async def _by_code(
        self, session: AsyncSession, client: OauthClientRow, form: Form
    ) -> IssuedTokens | OAuthError:
        shown = ShownCode(form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""))
        return await exchange_code(session, self._parts.provider, client, shown, self._parts.now())

    async def _by_refresh_token(
        self, session: AsyncSession, client: OauthClientRow, form: Form
    ) -> IssuedTokens | OAuthError:
        token = form.get("refresh_token", "")
        return await refresh_grant(session, self._parts.provider, client, token, self._parts.now())

    async def _by_itself(
        self, session: AsyncSession, client: OauthClientRow, form: Form
    ) -> IssuedTokens | OAuthError:
        allowed = permissions_in(client.scopes)
        scopes = read_scopes(form["scope"], allowed) if "scope" in form else allowed
        return await issue_for_client(session, self._parts.provider, client, scopes, self._parts.now())

    async def _by_device_code(
        self, session: AsyncSession, client: OauthClientRow, form: Form
    ) -> IssuedTokens | OAuthError:
        code = form.get("device_code", "")
        return await poll_device(session, self._parts.provider, client, code, self._parts.now())

    async def _start_device(
        self, session: AsyncSession, client: OauthClientRow, form: Form
    ) -> dict[str, Any]:
        if DEVICE_CODE not in client.grant_types:
            raise OAuthError("unauthorized_client", "The client was not registered for this grant type")
        scopes = read_scopes(form.get("scope"), client.scopes)
        started = await start_device(session, client, scopes, self._parts.now())
        address = f"{self._parts.issuer}/oauth/device"
        return {
            "device_code": started.device_code,
            "user_code": started.user_code,
            "verification_uri": address,
            "verification_uri_complete": f"{address}?user_code={started.user_code}",
            "expires_in": started.expires_in_s,
            "interval": started.interval_s,
        }

    async def _introspect(self, session: AsyncSession, client: OauthClientRow, form: Form) -> dict[str, Any]:
        if client.secret_hash is None:
            raise invalid_client()
        return await introspect(
            session, self._parts.provider, client, form.get("token", ""), self._parts.now()
        )

    async def _revoke(self, session: AsyncSession, client: OauthClientRow, form: Form) -> dict[str, Any]:
        await revoke_token(session, self._parts.provider, client, form.get("token", ""), self._parts.now())
        return {}


def token_routes(parts: OauthParts) -> APIRouter:
    """Returns the routes."""
    endpoints = TokenEndpoints(parts)
    router = APIRouter()
    ways = {
        "/oauth/token": (endpoints.token, ["POST"]),
        "/oauth/device_authorization": (endpoints.device_authorization, ["POST"]),
        "/oauth/introspect": (endpoints.introspection, ["POST"]),
        "/oauth/revoke": (endpoints.revocation, ["POST"]),
        "/oauth/userinfo": (endpoints.userinfo, ["GET", "POST"]),
    }
    for path, (endpoint, methods) in ways.items():
        router.add_api_route(path, endpoint, methods=methods, response_model=None)
        router.add_api_route(path, _preflight, methods=["OPTIONS"], response_model=None)
    return router


async def _preflight() -> Response:
    return Response(status_code=204, headers=PREFLIGHT)


def _refusal(error: OAuthError, request: Request) -> Response:
    content = {"error": error.code, "error_description": error.description}
    if error.code != "invalid_client":
        return _json(content, 400)
    has_tried = bool(request.headers.get("authorization"))
    return _json(content, 401, {"www-authenticate": 'Basic realm="oauth"'} if has_tried else {})


def _json(
    content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        orjson.dumps(content), status, {**CORS, **_NO_STORE, **(headers or {})}, "application/json"
    )
