"""The language an event names."""

from __future__ import annotations

from subgraphs.kit.locales import Locale


def locale_of(text: str) -> Locale:
    """Returns the language, French where it is none of ours."""
    return Locale(text) if text in {each.value for each in Locale} else Locale.FR
