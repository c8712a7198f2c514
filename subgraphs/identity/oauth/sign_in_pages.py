"""Logging in and out on the provider's pages."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from subgraphs.identity.errors import (
    InvalidCredentials,
    InvalidSecondFactor,
    LoginChallengeOver,
    TooManyAttempts,
)
from subgraphs.identity.model.oauth_queries import end_login
from subgraphs.identity.oauth.browser import Browser, checked_next
from subgraphs.identity.oauth.forms import read_form
from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.pages.render import PASSKEY_SCRIPT, STYLE
from subgraphs.identity.service.complete_login import GivenProof
from subgraphs.identity.service.log_in import Credentials, LoginChallenge
from subgraphs.identity.service.oauth.browser_logins import read_login
from subgraphs.identity.service.oauth.errors import OAuthError
from subgraphs.identity.service.oauth.sign_in import show_factor, sign_in, typed_proof
from subgraphs.kit.errors import ClientError

_ASSET_HEADERS = {"cache-control": "public, max-age=3600", "x-content-type-options": "nosniff"}


def login_page(
    browser: Browser,
    next_: str,
    client: str | None = None,
    *,
    email: str = "",
    error: str | None = None,
) -> Response:
    """Returns the page that asks for e-mail and password."""
    values = {"next": next_, "client": client, "email": email, "error": error, "providers": browser.providers}
    return browser.page("login", values, here=next_, status=401 if error else 200)


def factor_page(
    browser: Browser, next_: str, challenge: str, passkey_options: str | None, error: str | None = None
) -> Response:
    """Returns the page that asks for a second factor."""
    values = {"next": next_, "challenge": challenge, "passkey_options": passkey_options, "error": error}
    return browser.page("factor", values, status=401 if error else 200, has_script=True)


class SignInPages:
    """Takes the forms of the log-in pages."""

    def __init__(self, parts: OauthParts) -> None:
        self._parts = parts

    async def login(self, request: Request) -> Response:
        """Checks e-mail and password and goes on to where the person was going."""
        browser = Browser(self._parts, request)
        try:
            form = await read_form(request)
        except OAuthError:
            return browser.message("error", "error_bad_request", status=400)
        next_ = checked_next(form.get("next", ""))
        if next_ is None or not browser.filled_in_here(form):
            return browser.message("error", "error_stale_form", status=400)
        parts, email = self._parts, form.get("email", "")
        given = Credentials(email, form.get("password", ""), origin=browser.origin)
        try:
            outcome = await sign_in(parts.database, parts.doorway, given, parts.now())
        except InvalidCredentials:
            return login_page(browser, next_, email=email, error="wrong_credentials")
        except (TooManyAttempts, ClientError):
            return login_page(browser, next_, email=email, error="too_many_attempts")
        if isinstance(outcome, LoginChallenge):
            return factor_page(browser, next_, outcome.token, outcome.passkey_options)
        return browser.redirect(next_, login=outcome)

    async def factor(self, request: Request) -> Response:
        """Checks the second factor and goes on."""
        browser = Browser(self._parts, request)
        try:
            form = await read_form(request)
        except OAuthError:
            return browser.message("error", "error_bad_request", status=400)
        next_ = checked_next(form.get("next", ""))
        if next_ is None or not browser.filled_in_here(form):
            return browser.message("error", "error_stale_form", status=400)
        parts, challenge = self._parts, form.get("challenge", "")
        passkey = form.get("passkey")
        given = GivenProof(passkey=passkey) if passkey else typed_proof(form.get("code", ""))
        try:
            cookie = await show_factor(
                parts.database, parts.doorway, challenge, given, browser.origin, now=parts.now()
            )
        except InvalidSecondFactor:
            # Typed codes can be tried again; a passkey signs one challenge and no other.
            return factor_page(browser, next_, challenge, None, error="wrong_code")
        except LoginChallengeOver:
            return login_page(browser, next_, error="login_over")
        except (TooManyAttempts, ClientError):
            return login_page(browser, next_, error="too_many_attempts")
        return browser.redirect(next_, login=cookie)

    async def logout(self, request: Request) -> Response:
        """Forgets who is logged in in this browser."""
        browser = Browser(self._parts, request)
        try:
            form = await read_form(request)
        except OAuthError:
            return browser.message("error", "error_bad_request", status=400)
        next_ = checked_next(form.get("next", ""))
        if next_ is None or not browser.filled_in_here(form):
            return browser.message("error", "error_stale_form", status=400)
        async with self._parts.database.transaction() as session:
            login = await read_login(session, browser.login_token, self._parts.now())
            if login is not None:
                await end_login(session, login.id, self._parts.now())
        return browser.redirect(next_, ends_login=True)


def sign_in_routes(parts: OauthParts) -> APIRouter:
    """Returns the routes."""
    pages = SignInPages(parts)
    router = APIRouter()
    router.add_api_route("/oauth/login", pages.login, methods=["POST"], response_model=None)
    router.add_api_route("/oauth/factor", pages.factor, methods=["POST"], response_model=None)
    router.add_api_route("/oauth/logout", pages.logout, methods=["POST"], response_model=None)
    router.add_api_route("/oauth/style.css", _style, methods=["GET"], response_model=None)
    router.add_api_route("/oauth/passkey.js", _passkey_script, methods=["GET"], response_model=None)
    return router


async def _style() -> Response:
    return Response(STYLE, headers=_ASSET_HEADERS, media_type="text/css; charset=utf-8")


async def _passkey_script() -> Response:
    return Response(PASSKEY_SCRIPT, headers=_ASSET_HEADERS, media_type="text/javascript; charset=utf-8")
