"""The page around a mail's HTML, and the footer under both of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from subgraphs.kit.locales import Locale
from subgraphs.notifications.service.templates.written import Written

PAGE = Path(__file__).parents[2] / "templates" / "page.html"
RIGHT_TO_LEFT = frozenset({Locale.AR})


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands below every mail in one language."""

    why: str
    unsubscribe: str
    critical: str


FOOTERS = {
    Locale.AR: Footer(
        why="وصلتك هذه الرسالة لأن لديك حسابا لدينا.",
        unsubscribe="إيقاف هذا النوع من الرسائل",
        critical="تُرسل الرسائل المتعلقة بأمان حسابك دائما.",
    ),
    Locale.FR: Footer(
        why="Vous recevez ce message parce que vous avez un compte chez nous.",
        unsubscribe="Ne plus recevoir ce type de messages",
        critical="Les messages qui concernent la sécurité de votre compte sont toujours envoyés.",
    ),
    Locale.EN: Footer(
        why="You receive this message because you have an account with us.",
        unsubscribe="Stop receiving messages of this kind",
        critical="Messages about the security of your account are always sent.",
    ),
}


def direction_of(locale: Locale) -> str:
    """Returns `rtl` or `ltr`."""
    return "rtl" if locale in RIGHT_TO_LEFT else "ltr"


def lay_out(written: Written, locale: Locale, unsubscribe_url: str | None) -> tuple[str, str | None]:
    """Returns the whole text and the whole page of a mail; without a link it says why there is none."""
    footer = FOOTERS[locale]
    last = f"{footer.unsubscribe}: {unsubscribe_url}" if unsubscribe_url is not None else footer.critical
    text = f"{written.text}\n\n-- \n{footer.why}\n{last}\n"
    if written.html is None:
        return text, None
    page = _page().render(
        language=locale.value,
        direction=direction_of(locale),
        align="right" if locale in RIGHT_TO_LEFT else "left",
        title=written.subject,
        # Rendered by the escaping language of templates: what is markup in it, its author wrote.
        content=Markup(written.html),  # noqa: S704
        footer=footer,
        unsubscribe_url=unsubscribe_url,
    )
    return text, page


@cache
def _page() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(PAGE.read_text(encoding="utf-8"))
