"""The parts of a template, and the text made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from subgraphs.kit.locales import Locale
from subgraphs.notifications.service.templates.compiled import RenderingError, render_source
from subgraphs.notifications.service.templates.filters import LOCALE, ZONE
from subgraphs.notifications.states import Channel

RECIPIENT = "recipient_name"
"""The one variable every template has: the recipient's name, empty when it is not known."""
SUBJECT_LENGTH_MAX = 300
SHORT_LENGTH_MAX = 1_000
HAS_SUBJECT = frozenset({Channel.EMAIL, Channel.PUSH, Channel.IN_APP})


@dataclass(frozen=True, slots=True)
class TemplateText:
    """The sources of one version: `body` is plain text; `html`, for mail, is put into our page."""

    body: str
    subject: str | None = None
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a text is written."""

    locale: Locale
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Africa/Algiers"))
    name: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A text as it is read; `html` is what goes into the page, not the page."""

    subject: str
    text: str
    html: str | None


def write_text(channel: Channel, text: TemplateText, variables: Mapping[str, Any], reader: Reader) -> Written:
    """Returns the text for the reader; raises ForbiddenTemplateError, RenderingError."""
    given = {**variables, RECIPIENT: reader.name, LOCALE: reader.locale, ZONE: reader.zone}
    subject = render_source(text.subject, given, is_html=False) if text.subject is not None else ""
    subject = " ".join(subject.split())
    if channel in HAS_SUBJECT and not 0 < len(subject) <= SUBJECT_LENGTH_MAX:
        raise RenderingError(f"The subject has 1 to {SUBJECT_LENGTH_MAX} characters")
    body = render_source(text.body, given, is_html=False).strip()
    if not body or (channel is not Channel.EMAIL and len(body) > SHORT_LENGTH_MAX):
        raise RenderingError(
            f"The text is not empty, and beyond mail has {SHORT_LENGTH_MAX} characters at most"
        )
    is_page = channel is Channel.EMAIL and text.html is not None
    html = render_source(text.html or "", given, is_html=True).strip() if is_page else None
    return Written(subject, body, html)
