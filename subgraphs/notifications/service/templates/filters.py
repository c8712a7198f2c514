"""The filters of templates: amounts, numbers and times as the language writes them, and some more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import pass_context
from jinja2.filters import FILTERS as OF_JINJA
from jinja2.runtime import Context

from subgraphs.kit.locales import BABEL_LOCALES, Locale
from subgraphs.kit.money import CURRENCY, Money

LOCALE = "_locale"
ZONE = "_zone"
"""Under these names the language and the recipient's zone reach the filters; a template cannot say them."""

_ISOLATE, _POP = "\u2068", "\u2069"
_KEPT = ("upper", "lower", "capitalize", "trim", "length", "default", "first", "last", "join", "escape", "e")


@pass_context
def money(context: Context, minor: int, currency: str = CURRENCY) -> str:
    """Returns minor units as an amount of the currency."""
    return Money(int(minor), str(currency)).formatted(_locale(context))


@pass_context
def number(context: Context, value: int | float) -> str:
    """Returns a number with the language's separators."""
    return format_decimal(value, locale=BABEL_LOCALES[_locale(context)])


@pass_context
def date(context: Context, value: str) -> str:
    """Returns the day of an ISO time, in the recipient's zone."""
    return format_date(_local(context, value).date(), format="long", locale=BABEL_LOCALES[_locale(context)])


@pass_context
def time(context: Context, value: str) -> str:
    """Returns day and hour of an ISO time, in the recipient's zone."""
    # CLDR writes hours of Algeria with AM and PM; people there do not.
    return f"{date(context, value)} {_local(context, value):%H:%M}"


def isolate(value: Any) -> str:
    """Returns the text kept apart from the direction around it: a number or a name within Arabic."""
    return f"{_ISOLATE}{value}{_POP}"


def link(value: Any) -> str:
    """Returns an http(s) address; another scheme runs code in the reader's browser and becomes `#`."""
    text = str(value)
    try:
        parts = urlsplit(text)
    except ValueError:
        return "#"
    return text if parts.scheme in {"http", "https"} and parts.netloc else "#"


def _local(context: Context, value: str) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    zone = context.get(ZONE)
    return moment.astimezone(zone if isinstance(zone, ZoneInfo) else UTC)


def _locale(context: Context) -> Locale:
    locale = context.get(LOCALE)
    return locale if isinstance(locale, Locale) else Locale.FR


FILTERS: dict[str, Callable[..., Any]] = {
    **{name: OF_JINJA[name] for name in _KEPT},
    **{each.__name__: each for each in (money, number, date, time, isolate, link)},
}
