"""Where a person types the code a device shows, and decides."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_queries import (
    find_client,
    find_open_user,
    find_organization_name,
    organizations_of_user,
)
from subgraphs.identity.model.oauth_tables import OauthDeviceRow
from subgraphs.identity.oauth.authorize import chosen_organization
from subgraphs.identity.oauth.browser import Browser
from subgraphs.identity.oauth.forms import read_form, read_query
from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.oauth.scope_texts import scope_lines
from subgraphs.identity.oauth.sign_in_pages import login_page
from subgraphs.identity.service.oauth.browser_logins import BrowserLogin, read_login
from subgraphs.identity.service.oauth.devices import decide_device, find_waiting_device
from subgraphs.identity.service.oauth.errors import OAuthError
from subgraphs.identity.service.oauth.scopes import permissions_in

PATH = "/oauth/device"


class DevicePages:
    """Asks for the code, shows what the device wants, takes the decision."""

    def __init__(self, parts: OauthParts) -> None:
        self._parts = parts

    async def show(self, request: Request) -> Response:
        """Shows the form for the code, or what the device of a code wants."""
        browser = Browser(self._parts, request)
        try:
            parameters = read_query(request)
        except OAuthError:
            return browser.message("error", "error_bad_request", status=400)
        here = _address(parameters)
        async with self._parts.database.transaction() as session:
            login = await read_login(session, browser.login_token, self._parts.now())
            if login is None:
                return login_page(browser, here)
            user_code = parameters.get("user_code")
            if user_code is None:
                return browser.page("device", {"error": None}, here=here)
            device = await find_waiting_device(session, login, user_code, self._parts.now())
            if device is None:
                return browser.page("device", {"error": "wrong_code"}, here=PATH, status=404)
            return await self._decision_page(session, browser, device, login, here)

    async def decide(self, request: Request) -> Response:
        """Takes the person's decision."""
        browser = Browser(self._parts, request)
        try:
            form = await read_form(request)
            if not browser.filled_in_here(form):
                return browser.message("error", "error_stale_form", status=400)
            async with self._parts.database.transaction() as session:
                return await self._take(session, browser, form)
        except OAuthError:
            return browser.message("error", "error_bad_request", status=400)

    async def _take(self, session: AsyncSession, browser: Browser, form: Mapping[str, str]) -> Response:
        now = self._parts.now()
        login = await read_login(session, browser.login_token, now)
        if login is None:
            return browser.redirect(PATH)
        device = await find_waiting_device(session, login, form.get("user_code", ""), now)
        client = await find_client(session, device.client_id) if device is not None else None
        if device is None or client is None:
            return browser.page("device", {"error": "wrong_code"}, here=PATH, status=404)
        approved = form.get("decision") == "allow"
        organization_id = chosen_organization(form)
        await decide_device(session, (device, client), login, organization_id, approved=approved, now=now)
        return browser.message("done" if approved else "device", _outcome(approved))

    async def _decision_page(
        self,
        session: AsyncSession,
        browser: Browser,
        device: OauthDeviceRow,
        login: BrowserLogin,
        here: str,
    ) -> Response:
        person = await find_open_user(session, login.user_id)
        client = await find_client(session, device.client_id)
        if person is None or client is None:
            return browser.message("error", "error_stale_form", status=400)
        wants_organization = bool(permissions_in(device.scopes))
        values = {
            "client": client.name,
            "owner": await find_organization_name(session, client.organization_id),
            "scopes": scope_lines(device.scopes, browser.locale(here)),
            "organizations": await organizations_of_user(session, person.id) if wants_organization else [],
            "person": person,
            "next": here,
            "user_code": f"{device.user_code[:4]}-{device.user_code[4:]}",
            "action": PATH,
            "host": "",
        }
        return browser.page("consent", values, here=here)


def _outcome(approved: bool) -> str:
    return "device_connected" if approved else "device_denied"


def _address(parameters: Mapping[str, str]) -> str:
    kept = {name: parameters[name] for name in ("user_code", "ui_locales") if name in parameters}
    return f"{PATH}?{urlencode(kept)}" if kept else PATH


def device_routes(parts: OauthParts) -> APIRouter:
    """Returns the routes."""
    pages = DevicePages(parts)
    router = APIRouter()
    router.add_api_route(PATH, pages.show, methods=["GET"], response_model=None)
    router.add_api_route(PATH, pages.decide, methods=["POST"], response_model=None)
    return router
