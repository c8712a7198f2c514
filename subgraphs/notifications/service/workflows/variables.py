"""The variables of a workflow: which kinds there are, what fits, and how they read in a language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from subgraphs.kit.ids import read_id
from subgraphs.kit.locales import Locale, LocalizedText
from subgraphs.kit.money import Money
from subgraphs.kit.scalars import BIG_INT_MAX
from subgraphs.notifications.errors import InvalidPayload

TEXT_LENGTH_MAX = 2_000

# A number or a name inside of Arabic text keeps its own direction between these two (UAX #9).
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


class Kind(Enum):
    """What a variable holds; its value in the payload is JSON."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    ID = "ID"
    MONEY = "MONEY"
    """{"amount_minor": int, "currency": "DZD"}"""
    LOCALIZED = "LOCALIZED"
    """{"ar": ..., "fr": ..., "en": ...}, at least one of them."""


Variables = Mapping[str, Kind]


def check_payload(variables: Variables, payload: Mapping[str, Any]) -> None:
    """Raises InvalidPayload unless the payload holds exactly these variables, each of its kind."""
    missing = sorted(variables.keys() - payload.keys())
    unknown = sorted(payload.keys() - variables.keys())
    if missing or unknown:
        parts = [("lacks", missing), ("does not know", unknown)]
        told = "; ".join(f"{verb} {', '.join(names)}" for verb, names in parts if names)
        raise InvalidPayload(f"The workflow {told}", field=["input", "variables"])
    for name, kind in variables.items():
        if not _FITS[kind](payload[name]):
            raise InvalidPayload(
                f"The variable {name} is no {kind.value}", field=["input", "variables", name]
            )


def present(variables: Variables, payload: Mapping[str, Any], locale: Locale) -> dict[str, str]:
    """Returns each variable as people of the locale read it."""
    shown = {name: _PRESENT[kind](payload[name], locale) for name, kind in variables.items()}
    if locale is Locale.AR:
        return {name: f"{_ISOLATE}{text}{_END}" for name, text in shown.items()}
    return shown


def variables_schema(variables: Variables) -> dict[str, Any]:
    """Returns the JSON Schema of the variables as texts see them, which is each as text."""
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in sorted(variables)},
        "required": sorted(variables),
        "additionalProperties": False,
    }


def example(variables: Variables, locale: Locale) -> dict[str, str]:
    """Returns the variables with values to try a text out with, as people of the locale read them."""
    return present(variables, {name: _EXAMPLES[kind] for name, kind in variables.items()}, locale)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= TEXT_LENGTH_MAX


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= BIG_INT_MAX


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and read_id(value) is not None


def _is_money(value: Any) -> bool:
    if not isinstance(value, Mapping) or set(value) != {"amount_minor", "currency"}:
        return False
    currency = value["currency"]
    is_currency = isinstance(currency, str) and len(currency) == 3 and currency.isascii()
    return _is_number(value["amount_minor"]) and is_currency and currency.isupper() and currency.isalpha()


def _is_localized(value: Any) -> bool:
    if not isinstance(value, Mapping) or not set(value) <= {each.value for each in Locale}:
        return False
    return bool(value) and all(_is_text(text) for text in value.values())


def _money_text(value: Mapping[str, Any], locale: Locale) -> str:
    return Money(value["amount_minor"], value["currency"]).formatted(locale)


_FITS: Mapping[Kind, Callable[[Any], bool]] = {
    Kind.TEXT: _is_text,
    Kind.NUMBER: _is_number,
    Kind.ID: _is_id,
    Kind.MONEY: _is_money,
    Kind.LOCALIZED: _is_localized,
}

_PRESENT: Mapping[Kind, Callable[[Any, Locale], str]] = {
    Kind.TEXT: lambda value, _: value,
    Kind.NUMBER: lambda value, _: str(value),
    Kind.ID: lambda value, _: value,
    Kind.MONEY: _money_text,
    Kind.LOCALIZED: lambda value, locale: LocalizedText(**value).value(locale),
}

_EXAMPLES: Mapping[Kind, Any] = {
    Kind.TEXT: "Amina Benali",
    Kind.NUMBER: 1007,
    Kind.ID: "0198a1b2-0000-7000-8000-000000000000",
    Kind.MONEY: {"amount_minor": 147_000, "currency": "DZD"},
    Kind.LOCALIZED: {"ar": "مرحبا", "fr": "Bonjour", "en": "Hello"},
}
