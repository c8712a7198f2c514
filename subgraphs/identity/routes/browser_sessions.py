"""Sessions of browsers: a cookie that no script can read, in the place of both tokens.

`POST /auth/login`, `/auth/login/complete`, `/auth/logout`, JSON in and out. The cookie is opaque, httpOnly
and SameSite=Lax; the router resolves it to the viewer and holds requests that carry it to its CSRF rules.
These routes take nothing but JSON from their own origin, which no foreign page's form can send.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Request, Response

from subgraphs.identity.routes.bodies import read_bounded
from subgraphs.identity.service.browser_cookies import (
    BrowserLogin,
    end_browser_session,
    log_in_browser,
    log_in_browser_by_factor,
)
from subgraphs.identity.service.complete_login import GivenProof
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.log_in import Credentials, LoginChallenge
from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.clock import Clock
from subgraphs.kit.database import Database
from subgraphs.kit.errors import ClientError, DomainError
from subgraphs.kit.ids import read_id
from subgraphs.kit.settings import KitSettings

COOKIE = "zellige_session"
BODY_BYTES_MAX = 30_000


class BrowserSessions:
    """What the three routes share."""

    def __init__(self, doorway: Doorway, database: Database, clock: Clock, settings: KitSettings) -> None:
        self._doorway = doorway
        self._database = database
        self._clock = clock
        public = urlsplit(settings.public_url)
        self._origin = f"{public.scheme}://{public.netloc}"
        self._secure = public.scheme == "https"

    async def log_in(self, content: Mapping[str, Any], origin: ClientOrigin) -> Response:
        """Answers with the cookie, or with the challenge of a second factor."""
        wanted = _text(content, "organizationId")
        credentials = Credentials(
            _text(content, "email") or "",
            _text(content, "password") or "",
            read_id(wanted) if wanted is not None else None,
            origin,
        )
        outcome = await log_in_browser(self._database, self._doorway, credentials, self._clock.now())
        if isinstance(outcome, LoginChallenge):
            return _json(_shown_challenge(outcome), 200)
        return self._let_in(outcome)

    async def complete(self, content: Mapping[str, Any], origin: ClientOrigin) -> Response:
        """Answers with the cookie."""
        given = GivenProof(
            _text(content, "totpCode"), _text(content, "recoveryCode"), _text(content, "passkey")
        )
        token = _text(content, "challenge") or ""
        now = self._clock.now()
        outcome = await log_in_browser_by_factor(self._database, self._doorway, token, given, origin, now=now)
        return self._let_in(outcome)

    async def log_out(self, cookie: str | None) -> Response:
        """Ends the session and takes the cookie back."""
        if cookie is not None:
            async with self._database.transaction() as session:
                await end_browser_session(session, cookie, self._clock.now())
        response = _json({"loggedOut": True}, 200)
        response.delete_cookie(COOKIE, path="/", secure=self._secure, httponly=True, samesite="lax")
        return response

    def may_speak(self, request: Request) -> bool:
        """Whether the request can come from our own pages, or from no page at all."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin", self._origin)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return site in ("same-origin", "none") and origin == self._origin and kind == "application/json"

    def _let_in(self, login: BrowserLogin) -> Response:
        response = _json({"userId": str(login.user.id), "sessionId": str(login.session.id)}, 200)
        age_s = int((login.session.expires_at - self._clock.now()).total_seconds())
        response.set_cookie(
            COOKIE, login.cookie, age_s, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
        return response


def browser_session_routes(
    doorway: Doorway, database: Database, clock: Clock, settings: KitSettings
) -> APIRouter:
    """Returns the three routes."""
    router = APIRouter(prefix="/auth")
    sessions = BrowserSessions(doorway, database, clock, settings)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        return await _answered(sessions, request, sessions.log_in)

    @router.post("/login/complete")
    async def complete(request: Request) -> Response:
        return await _answered(sessions, request, sessions.complete)

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        if not sessions.may_speak(request):
            return _refused("FORBIDDEN", "Send JSON from this site", 403)
        return await sessions.log_out(request.cookies.get(COOKIE))

    return router


async def _answered(sessions: BrowserSessions, request: Request, answer: Any) -> Response:
    if not sessions.may_speak(request):
        return _refused("FORBIDDEN", "Send JSON from this site", 403)
    body = await read_bounded(request, BODY_BYTES_MAX)
    content = _read_object(body) if body is not None else None
    if content is None:
        return _refused("BAD_REQUEST", "The body must be one JSON object", 400)
    try:
        return await answer(content, ClientOrigin.of(request.headers))
    except DomainError as error:
        return _refused(error.code, error.message, 429 if error.code == "TOO_MANY_ATTEMPTS" else 401)
    except ClientError as error:
        return _refused(error.code, error.message, 503)


def _read_object(body: bytes) -> dict[str, Any] | None:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def _text(content: Mapping[str, Any], name: str) -> str | None:
    value = content.get(name)
    return value if isinstance(value, str) else None


def _shown_challenge(challenge: LoginChallenge) -> dict[str, Any]:
    return {
        "challenge": challenge.token,
        "expiresAt": challenge.expires_at.isoformat(),
        "totp": challenge.factors.totp > 0,
        "recoveryCodes": challenge.factors.recovery_codes > 0,
        "passkeyOptions": challenge.passkey_options,
    }


def _refused(code: str, message: str, status: int) -> Response:
    return _json({"error": {"code": code, "message": message}}, status)


def _json(content: Mapping[str, Any], status: int) -> Response:
    return Response(
        orjson.dumps(content), status, {"cache-control": "no-store"}, media_type="application/json"
    )
