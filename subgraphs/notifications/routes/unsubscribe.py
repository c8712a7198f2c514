"""`/notifications/unsubscribe?token=...`: the link in every mail that is not critical.

GET shows a page with a button, and changes nothing: mail programs and scanners open links. POST unsubscribes:
the button's, and the one a mail program sends by itself (RFC 8058). The page comes in the language the
browser asks for, with no script and no name on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined, Template

from subgraphs.kit.clock import Clock
from subgraphs.kit.database import Database
from subgraphs.kit.locales import Locale
from subgraphs.notifications.model.preference_queries import write_choices
from subgraphs.notifications.routes.unsubscribe_texts import PAGE_TEXTS, PageTexts
from subgraphs.notifications.service.delivery.port import Delivery
from subgraphs.notifications.service.delivery.unsubscribe_links import PATH, BadLinkError, Unsubscription
from subgraphs.notifications.service.templates.layout import direction_of

PAGE = Path(__file__).parents[1] / "templates" / "unsubscribe.html"
TOKEN_LENGTH_MAX = 2_000
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}


def unsubscribe_routes(delivery: Delivery, database: Database, clock: Clock) -> APIRouter:
    """Returns the routes of the page and of its button."""
    router = APIRouter()

    @router.get(PATH)
    async def show(request: Request, token: str = "") -> Response:
        texts, locale = _texts_for(request.headers)
        what = _read(delivery, clock, token)
        if what is None:
            return _page(texts, locale, texts.bad_link, 400)
        return _page(texts, locale, texts.question.format(topic=texts.topics[what.topic]), 200, asks=True)

    @router.post(PATH)
    async def unsubscribe(request: Request, token: str = "") -> Response:
        # The body says nothing more than the token: RFC 8058's `List-Unsubscribe=One-Click`, or a form's.
        texts, locale = _texts_for(request.headers)
        what = _read(delivery, clock, token)
        if what is None:
            return _page(texts, locale, texts.bad_link, 400)
        async with database.transaction() as session:
            await write_choices(session, what.user_id, {(what.channel, what.topic): False})
        return _page(texts, locale, texts.done.format(topic=texts.topics[what.topic]), 200)

    return router


def _read(delivery: Delivery, clock: Clock, token: str) -> Unsubscription | None:
    if not 0 < len(token) <= TOKEN_LENGTH_MAX:
        return None
    try:
        return delivery.links.read(token, clock.now())
    except BadLinkError:
        return None


def _texts_for(headers: Mapping[str, str]) -> tuple[PageTexts, Locale]:
    """Returns the first language of the browser's that we have; French when there is none."""
    for part in headers.get("accept-language", "")[:200].lower().split(","):
        language = part.partition(";")[0].strip().partition("-")[0]
        for locale in Locale:
            if language == locale.value:
                return PAGE_TEXTS[locale], locale
    return PAGE_TEXTS[Locale.FR], Locale.FR


def _page(texts: PageTexts, locale: Locale, message: str, status: int, *, asks: bool = False) -> Response:
    page = _template().render(
        language=locale.value,
        direction=direction_of(locale),
        title=texts.title,
        message=message,
        button=texts.button if asks else None,
    )
    return HTMLResponse(page, status, headers={**HEADERS, "content-language": locale.value})


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(PAGE.read_text(encoding="utf-8"))
