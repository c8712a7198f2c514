"""The three languages of the platform, and text written in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator


class Locale(Enum):
    """A language of the platform."""

    AR = "ar"
    FR = "fr"
    EN = "en"


# CLDR has no en_DZ; plain English is what an English reader in Algeria sees elsewhere.
BABEL_LOCALES = {Locale.AR: "ar_DZ", Locale.FR: "fr_DZ", Locale.EN: "en"}

FALLBACKS = {
    Locale.AR: (Locale.AR, Locale.FR, Locale.EN),
    Locale.FR: (Locale.FR, Locale.AR, Locale.EN),
    Locale.EN: (Locale.EN, Locale.FR, Locale.AR),
}


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text in up to three languages."""

    ar: str | None = None
    fr: str | None = None
    en: str | None = None

    def value(self, locale: Locale) -> str:
        """Returns the text in the locale, else in the nearest language that has it, else nothing at all."""
        for each in FALLBACKS[locale]:
            text = getattr(self, each.value)
            if text:
                return text
        return ""

    @property
    def is_empty(self) -> bool:
        """Whether no language has any text."""
        return not (self.ar or self.fr or self.en)


class LocalizedTextColumn(TypeDecorator[LocalizedText]):
    """Stores a LocalizedText as JSONB {"ar", "fr", "en"}, leaving out absent languages."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: LocalizedText | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return {each.value: text for each in Locale if (text := getattr(value, each.value)) is not None}

    def process_result_value(self, value: Any, dialect: Dialect) -> LocalizedText | None:
        return None if value is None else LocalizedText(**value)
