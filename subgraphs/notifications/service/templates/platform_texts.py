"""The platform's own texts: `templates/<key>/<locale>.{subject,txt,html,short}` and `variables.json`.

They come with the code and change with it. `short` is what SMS, push and the inbox show; a key has all three
languages. `variables.json` holds the JSON Schema of the variables and an example of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from subgraphs.kit.locales import Locale, LocalizedText
from subgraphs.notifications.service.templates.written import Reader, TemplateText, write_text
from subgraphs.notifications.states import Channel

FOLDER = Path(__file__).parents[2] / "templates"


@dataclass(frozen=True, slots=True)
class PlatformTemplate:
    """One key in all languages."""

    key: str
    variables: Mapping[str, Any]
    example: Mapping[str, Any]
    texts: Mapping[tuple[Channel, Locale], TemplateText]

    def text(self, channel: Channel, locale: Locale) -> TemplateText:
        """Returns the sources for a channel."""
        return self.texts[channel, locale]


@cache
def platform_templates() -> Mapping[str, PlatformTemplate]:
    """Returns every template of the platform by its key; read once."""
    folders = sorted(each for each in FOLDER.iterdir() if each.is_dir())
    return {folder.name: _read(folder) for folder in folders}


def write_in_every_language(key: str, variables: Mapping[str, Any]) -> tuple[LocalizedText, LocalizedText]:
    """Returns title and text as the inbox shows them; raises KeyError for an unknown key, RenderingError."""
    template = platform_templates()[key]
    written = {
        locale.value: write_text(
            Channel.IN_APP, template.text(Channel.IN_APP, locale), variables, Reader(locale)
        )
        for locale in Locale
    }
    titles = LocalizedText(**{locale: each.subject for locale, each in written.items()})
    return titles, LocalizedText(**{locale: each.text for locale, each in written.items()})


def _read(folder: Path) -> PlatformTemplate:
    declared = orjson.loads((folder / "variables.json").read_bytes())
    texts: dict[tuple[Channel, Locale], TemplateText] = {}
    for locale in Locale:
        subject, body, html, short = (
            (folder / f"{locale.value}.{part}").read_text(encoding="utf-8").strip()
            for part in ("subject", "txt", "html", "short")
        )
        texts[Channel.EMAIL, locale] = TemplateText(body, subject, html)
        texts[Channel.SMS, locale] = TemplateText(short)
        texts[Channel.PUSH, locale] = texts[Channel.IN_APP, locale] = TemplateText(short, subject)
    return PlatformTemplate(folder.name, declared["schema"], declared["example"], texts)
