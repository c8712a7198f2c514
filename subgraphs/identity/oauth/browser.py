"""A person's browser: its cookies, its language, the pages it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request, Response

from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.pages.policy import form_token, is_form_token, page_headers
from subgraphs.identity.pages.render import render_page
from subgraphs.identity.pages.texts import choose_locale, has_text
from subgraphs.identity.service.oauth.browser_logins import LOGIN_LIFETIME
from subgraphs.identity.service.oauth.external_login import ExternalProvider
from subgraphs.identity.service.oauth.secrets import new_secret
from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.locales import Locale

NEXT_LENGTH_MAX = 8_000
BROWSER_LIFETIME = timedelta(days=1)
_COOKIE_LENGTH_MAX = 100
_PAGES_OF_GET = ("/oauth/authorize", "/oauth/device", "/account/accept-invitation")


class Browser:
    """One request of a browser."""

    def __init__(self, parts: OauthParts, request: Request) -> None:
        self._parts = parts
        self._request = request
        self._is_secure = parts.issuer.startswith("https:")
        self._id = self._cookie("browser") or new_secret()

    @property
    def login_token(self) -> str | None:
        """The cookie of the log-in."""
        return self._cookie("login")

    @property
    def providers(self) -> Sequence[ExternalProvider]:
        """Where else the person may log in."""
        return self._parts.external_providers

    @property
    def origin(self) -> ClientOrigin:
        """Where the request comes from."""
        return ClientOrigin.of(dict(self._request.headers))

    def locale(self, next_: str = "") -> Locale:
        """Returns the language of the page: asked for by the client, else the browser's."""
        wanted = dict(parse_qsl(urlsplit(next_).query)).get("ui_locales")
        return choose_locale(
            wanted or self._request.query_params.get("ui_locales"),
            self._request.headers.get("accept-language"),
        )

    def page(
        self,
        template: str,
        values: Mapping[str, Any],
        *,
        here: str = "",
        status: int = 200,
        form_targets: Sequence[str] = (),
        has_script: bool = False,
    ) -> Response:
        """Returns a page; `here` is its address, by which its languages link to each other."""
        locale = self.locale(here)
        shown = {
            "form_token": form_token(self._parts.settings, self._id),
            "links": {each.value: _in_language(here, each) for each in Locale},
            **values,
        }
        headers = page_headers(form_targets, has_script=has_script)
        answer = Response(render_page(template, locale, shown), status, headers, "text/html; charset=utf-8")
        self._set(answer, "browser", self._id, BROWSER_LIFETIME)
        return answer

    def message(self, heading: str, message: str, *, status: int = 200, here: str = "") -> Response:
        """Returns a page that says one thing."""
        text = message if has_text(message) else "error_bad_request"
        return self.page("message", {"heading": heading, "message": text}, here=here, status=status)

    def filled_in_here(self, form: Mapping[str, str]) -> bool:
        """Whether the form comes from a page of ours in this very browser."""
        site, origin = (self._request.headers.get(name) for name in ("sec-fetch-site", "origin"))
        if site is not None and site != "same-origin":
            return False
        if site is None and origin is not None and origin != self._parts.issuer:
            return False
        return is_form_token(self._parts.settings, self._cookie("browser"), form.get("form_token", ""))

    def redirect(self, target: str, *, login: str | None = None, ends_login: bool = False) -> Response:
        """Returns the way on; after a log-in with its cookie."""
        answer = Response(status_code=303, headers={"location": target, "cache-control": "no-store"})
        if login is not None:
            self._set(answer, "login", login, LOGIN_LIFETIME)
        if ends_login:
            self._set(answer, "login", "", timedelta())
        return answer

    def remember(self, answer: Response, name: str, value: str, lifetime: timedelta) -> None:
        """Gives the browser another cookie."""
        self._set(answer, name, value, lifetime)

    def remembered(self, name: str, length_max: int) -> str | None:
        """Returns such a cookie."""
        return self._cookie(name, length_max)

    def _cookie(self, name: str, length_max: int = _COOKIE_LENGTH_MAX) -> str | None:
        value = self._request.cookies.get(self._cookie_name(name))
        return value if value and len(value) <= length_max else None

    def _cookie_name(self, name: str) -> str:
        return f"__Host-zellige-{name}" if self._is_secure else f"zellige-{name}"

    def _set(self, answer: Response, name: str, value: str, lifetime: timedelta) -> None:
        # Lax, not Strict: the first request of a flow comes from the client's own site.
        answer.set_cookie(
            self._cookie_name(name),
            value,
            max_age=int(lifetime.total_seconds()),
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )


def checked_next(text: str) -> str | None:
    """Returns where a log-in leads to if that is one of our own pages, and nowhere else."""
    if len(text) > NEXT_LENGTH_MAX or not text.startswith(("/oauth/", "/account/")) or "\\" in text:
        return None
    parts = urlsplit(text)
    return text if parts.path in _PAGES_OF_GET and not parts.netloc and not parts.scheme else None


def _in_language(here: str, locale: Locale) -> str:
    if not here:
        return ""
    parts = urlsplit(here)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "ui_locales"]
    return f"{parts.path}?{urlencode([*query, ('ui_locales', locale.value)])}"
