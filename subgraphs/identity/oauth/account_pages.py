"""The pages that links in letters open: they show a button, and only the click uses the link.

Mail programs open links by themselves; a page that acted when it is opened would use up what is good once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from subgraphs.identity.errors import AlreadyAMember, EmailTaken, InvalidLink, WeakPassword
from subgraphs.identity.oauth.browser import Browser
from subgraphs.identity.oauth.forms import read_form
from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.oauth.sign_in_pages import login_page
from subgraphs.identity.pages.render import LINK_SCRIPT
from subgraphs.identity.service.change_email import confirm_email_change
from subgraphs.identity.service.invitations import accept_invitation
from subgraphs.identity.service.oauth.browser_logins import read_login
from subgraphs.identity.service.oauth.errors import OAuthError
from subgraphs.identity.service.reset_password import reset_password
from subgraphs.identity.service.verify_email import verify_email
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import ClientError

INVITATION_PAGE = "/account/accept-invitation"
INVITATION_LIFETIME = timedelta(minutes=15)
_TOKEN_LENGTH_MAX = 100
_SCRIPT_HEADERS = {"cache-control": "public, max-age=3600", "x-content-type-options": "nosniff"}
_REFUSALS: dict[type[Exception], str] = {
    InvalidLink: "invalid_link",
    EmailTaken: "email_taken",
    AlreadyAMember: "already_a_member",
}

Act = Callable[[Browser, str, str], Awaitable[Response]]
"""Uses a link: the browser, the token, and a new password where the page asks for one."""


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page: the key of its words, where it is, what a click does."""

    key: str
    path: str
    act: Act
    asks_password: bool = False


class AccountPages:
    """The pages and what they do."""

    def __init__(self, parts: OauthParts) -> None:
        self.parts = parts
        self.pages = (
            AccountPage("verify_email", "/account/verify-email", self._verify),
            AccountPage("change_email", "/account/change-email", self._change_email),
            AccountPage("reset_password", "/account/reset-password", self._reset, asks_password=True),
            AccountPage("accept_invitation", INVITATION_PAGE, self._accept),
        )

    def show(
        self, page: AccountPage, browser: Browser, error: str | None = None, token: str = ""
    ) -> Response:
        """Returns the page with its button; `token` is what the browser does not know from the link."""
        if page.path == INVITATION_PAGE:
            token = token or browser.remembered("invitation", _TOKEN_LENGTH_MAX) or ""
        values = {"key": page.key, "error": error, "token": token, "asks_password": page.asks_password}
        status = 400 if error else 200
        return browser.page("account", values, here=page.path, status=status, has_script=True)

    async def click(self, page: AccountPage, request: Request) -> Response:
        """Uses the link."""
        browser = Browser(self.parts, request)
        try:
            form = await read_form(request)
        except OAuthError:
            return browser.message("error", "error_bad_request", status=400)
        if not browser.filled_in_here(form):
            return browser.message("error", "error_stale_form", status=400)
        token = form.get("token", "")[:_TOKEN_LENGTH_MAX]
        try:
            return await page.act(browser, token, form.get("password", ""))
        except WeakPassword:
            return self.show(page, browser, "weak_password", token)
        except (InvalidLink, EmailTaken, AlreadyAMember) as refusal:
            return browser.message("error", _REFUSALS[type(refusal)], status=400)
        except ClientError:
            return self.show(page, browser, "too_many_attempts", token)

    async def _verify(self, browser: Browser, token: str, _: str) -> Response:
        async with self.parts.database.transaction() as session:
            await verify_email(session, token, self.parts.now())
        return browser.message("done", "verify_email_done")

    async def _change_email(self, browser: Browser, token: str, _: str) -> Response:
        async with self.parts.database.transaction() as session:
            changed = await confirm_email_change(session, token, self.parts.now())
        return browser.message("done", "change_email_done" if changed else "change_email_waits")

    async def _reset(self, browser: Browser, token: str, password: str) -> Response:
        parts = self.parts
        await reset_password(parts.database, parts.doorway.hashing, token, password, parts.now())
        return browser.message("done", "reset_password_done")

    async def _accept(self, browser: Browser, token: str, _: str) -> Response:
        now = self.parts.now()
        async with self.parts.database.transaction() as session:
            login = await read_login(session, browser.login_token, now)
            if login is not None:
                await accept_invitation(session, Viewer(user_id=login.user_id), token, now)
                return browser.message("done", "accept_invitation_done")
        answer = login_page(browser, INVITATION_PAGE)
        # The way through the log-in has no `#`; the browser keeps the token for it.
        browser.remember(answer, "invitation", token, INVITATION_LIFETIME)
        return answer


def account_routes(parts: OauthParts) -> APIRouter:
    """Returns the routes."""
    pages, router = AccountPages(parts), APIRouter()
    for page in pages.pages:
        _add(router, pages, page)
    router.add_api_route("/account/link.js", _script, methods=["GET"], response_model=None)
    return router


def _add(router: APIRouter, pages: AccountPages, page: AccountPage) -> None:
    @router.get(page.path, response_model=None)
    async def show(request: Request) -> Response:
        return pages.show(page, Browser(pages.parts, request))

    @router.post(page.path, response_model=None)
    async def click(request: Request) -> Response:
        return await pages.click(page, request)


async def _script() -> Response:
    return Response(LINK_SCRIPT, headers=_SCRIPT_HEADERS, media_type="text/javascript; charset=utf-8")
