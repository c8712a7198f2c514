"""Fills the templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from subgraphs.identity.pages.texts import NAMES, text_of
from subgraphs.kit.locales import Locale

_FOLDER = Path(__file__).parent / "templates"
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PASSKEY_SCRIPT = (_FOLDER / "passkey.js").read_text("utf-8")
LINK_SCRIPT = (_FOLDER / "link.js").read_text("utf-8")
STYLE = (_FOLDER / "style.css").read_text("utf-8")


def render_page(template: str, locale: Locale, values: Mapping[str, Any]) -> str:
    """Returns the page in the language; every value is escaped."""
    return _ENVIRONMENT.get_template(f"{template}.html").render(
        **values,
        t=partial(_translate, locale),
        language=locale.value,
        direction="rtl" if locale is Locale.AR else "ltr",
        languages={each.value: name for each, name in NAMES.items()},
    )


def _translate(locale: Locale, key: str, /, **values: str) -> str:
    return text_of(key, locale, **values)
