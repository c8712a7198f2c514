"""The authorization endpoint and the consent page."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import (
    find_open_user,
    find_organization_name,
    organizations_of_user,
)
from subgraphs.identity.oauth.browser import Browser, checked_next
from subgraphs.identity.oauth.forms import once_each, read_form, read_query
from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.oauth.scope_texts import scope_lines
from subgraphs.identity.oauth.sign_in_pages import login_page
from subgraphs.identity.service.oauth.authorization import (
    PARAMETERS,
    AuthorizationRequest,
    ReturnAddress,
    find_return_address,
    give_consent,
    issue_code,
    read_request,
    standing_consent,
)
from subgraphs.identity.service.oauth.browser_logins import BrowserLogin, read_login
from subgraphs.identity.service.oauth.errors import OAuthError, UnsafeRequestError
from subgraphs.identity.service.oauth.scopes import permissions_in
from subgraphs.kit.ids import read_id

PATH = "/oauth/authorize"


class AuthorizePages:
    """Asks who it is, asks whether they agree, and sends them back with a code."""

    def __init__(self, parts: OauthParts) -> None:
        self._parts = parts

    async def authorize(self, request: Request) -> Response:
        """Answers the request of a client, or shows the page that has to come first."""
        browser = Browser(self._parts, request)
        try:
            parameters = read_query(request)
            async with self._parts.database.transaction() as session:
                client, address = await find_return_address(session, parameters, self._parts.issuer)
                try:
                    asked = read_request(client, address, parameters)
                    return await self._proceed(session, browser, asked, address, parameters)
                except OAuthError as error:
                    return browser.redirect(address.with_error(error))
        except UnsafeRequestError as error:
            return browser.message("error", f"error_{error}", status=400)
        except OAuthError:
            return browser.message("error", "error_bad_request", status=400)

    async def consent(self, request: Request) -> Response:
        """Takes the person's decision."""
        browser = Browser(self._parts, request)
        try:
            form = await read_form(request)
            next_ = checked_next(form.get("next", ""))
            if next_ is None or not browser.filled_in_here(form):
                return browser.message("error", "error_stale_form", status=400)
            parameters = once_each(parse_qsl(urlsplit(next_).query))
            async with self._parts.database.transaction() as session:
                client, address = await find_return_address(session, parameters, self._parts.issuer)
                try:
                    asked = read_request(client, address, parameters)
                    return await self._decide(session, browser, asked, address, form)
                except OAuthError as error:
                    return browser.redirect(address.with_error(error))
        except (UnsafeRequestError, OAuthError):
            return browser.message("error", "error_bad_request", status=400)

    async def _proceed(
        self,
        session: AsyncSession,
        browser: Browser,
        asked: AuthorizationRequest,
        address: ReturnAddress,
        parameters: Mapping[str, str],
    ) -> Response:
        now = self._parts.now()
        login = await read_login(session, browser.login_token, now)
        silent = "none" in asked.prompts
        if login is None or asked.needs_login(login, now):
            if silent:
                raise OAuthError("login_required", "The person has to log in")
            return login_page(browser, _address(parameters, without="login"), asked.client.name)
        consent = await standing_consent(session, asked, login.user_id)
        if consent is None:
            if silent:
                raise OAuthError("consent_required", "The person has to agree")
            return await self._consent_page(session, browser, asked, login, _address(parameters))
        code = await issue_code(session, asked, login, consent.organization_id, now)
        return browser.redirect(address.with_code(code))

    async def _decide(
        self,
        session: AsyncSession,
        browser: Browser,
        asked: AuthorizationRequest,
        address: ReturnAddress,
        form: Mapping[str, str],
    ) -> Response:
        now = self._parts.now()
        login = await read_login(session, browser.login_token, now)
        if login is None:
            return browser.redirect(form["next"])
        if form.get("decision") != "allow":
            raise OAuthError("access_denied", "The person said no")
        organization_id = chosen_organization(form)
        await give_consent(session, asked.client, asked.scopes, login.user_id, organization_id, now=now)
        code = await issue_code(session, asked, login, organization_id, now)
        return browser.redirect(address.with_code(code))

    async def _consent_page(
        self,
        session: AsyncSession,
        browser: Browser,
        asked: AuthorizationRequest,
        login: BrowserLogin,
        here: str,
    ) -> Response:
        person = await find_open_user(session, login.user_id)
        if person is None:
            return browser.message("error", "error_stale_form", status=400)
        wants_organization = bool(permissions_in(asked.scopes))
        values = {
            "client": asked.client.name,
            "owner": await find_organization_name(session, asked.client.organization_id),
            "scopes": scope_lines(asked.scopes, browser.locale(here)),
            "organizations": await organizations_of_user(session, person.id) if wants_organization else [],
            "person": person,
            "next": here,
            "user_code": "",
            "action": "/oauth/consent",
            "host": urlsplit(asked.redirect_uri).netloc or asked.redirect_uri,
        }
        return browser.page("consent", values, here=here, form_targets=[asked.redirect_uri])


def chosen_organization(form: Mapping[str, str]) -> UUID | None:
    """Returns the organization the person chose to act in; none where no scope is about one."""
    return read_id(form.get("organization", "")) if form.get("organization") else None


def authorize_routes(parts: OauthParts) -> APIRouter:
    """Returns the routes."""
    pages = AuthorizePages(parts)
    router = APIRouter()
    router.add_api_route(PATH, pages.authorize, methods=["GET"], response_model=None)
    router.add_api_route("/oauth/consent", pages.consent, methods=["POST"], response_model=None)
    return router


def _address(parameters: Mapping[str, str], without: str | None = None) -> str:
    """Returns the address of this request again; after a log-in it must not be asked for once more."""
    kept = {name: value for name, value in parameters.items() if name in PARAMETERS}
    if without is not None and "prompt" in kept:
        kept["prompt"] = " ".join(each for each in kept["prompt"].split() if each != without)
    return f"{PATH}?{urlencode({name: value for name, value in kept.items() if value})}"
