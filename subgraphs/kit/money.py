"""Money: integer minor units and an ISO 4217 currency; no float anywhere.

Rounding rule: multiplying by a rate rounds half away from zero, once, at the end. A sum that must be split
is allocated, never multiplied, so that the parts always add up to the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import format_currency, get_currency_precision

from subgraphs.kit.locales import BABEL_LOCALES, Locale

CURRENCY = "DZD"
_TOUCHING = re.compile(r"(?<=[A-Za-z])(?=\d)")


class CurrencyMismatchError(Exception):
    """Two currencies met in one calculation; a fault in the caller, not a refusal."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency."""

    minor: int
    currency: str = CURRENCY

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError(f"Minor units are integers, not {type(self.minor).__name__}")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._minor_of(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._minor_of(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._minor_of(other)

    def times(self, factor: int | Decimal) -> Money:
        """Returns the amount times a quantity or a rate, rounded half away from zero to a minor unit.

        >>> Money(1001).times(Decimal("0.19"))
        Money(minor=190, currency='DZD')
        """
        if not isinstance(factor, int | Decimal):
            raise TypeError("A rate is an int or a Decimal; a float has already lost digits")
        product = Decimal(self.minor) * factor
        return Money(int(product.to_integral_value(ROUND_HALF_UP)), self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Returns the amount split by the weights; the parts add up to it exactly.

        Each part is rounded towards zero, then the minor units left over go one by one to the largest
        remainders, the earlier part first where they tie.

        >>> [part.minor for part in Money(100).allocate([1, 1, 1])]
        [34, 33, 33]
        """
        total = sum(weights)
        if not weights or total <= 0 or min(weights) < 0:
            raise ValueError("Weights must be non-negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        shares = [divmod(abs(self.minor) * weight, total) for weight in weights]
        parts = [quotient for quotient, _ in shares]
        left_over = abs(self.minor) - sum(parts)
        by_remainder = sorted(range(len(weights)), key=lambda index: (-shares[index][1], index))
        for index in by_remainder[:left_over]:
            parts[index] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def to_decimal(self) -> Decimal:
        """Returns the amount in major units, exactly."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))

    def formatted(self, locale: Locale) -> str:
        """Returns the amount as people of that locale write it, Arabic with its direction marks."""
        return _formatted(self, locale)

    def _minor_of(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency}")
        return other.minor


# The same prices are shown again and again, and writing one takes longer than all else about its field.
@lru_cache(maxsize=10_000)
def _formatted(money: Money, locale: Locale) -> str:
    text = format_currency(money.to_decimal(), money.currency, locale=BABEL_LOCALES[locale])
    # CLDR's currencySpacing, which babel leaves out: a letter does not touch a digit (DZD 5.00).
    return _TOUCHING.sub("\N{NO-BREAK SPACE}", text)


def total_of(amounts: Iterable[Money], currency: str = CURRENCY) -> Money:
    """Returns the sum; nothing adds up to zero of `currency`."""
    total = Money(0, currency)
    for amount in amounts:
        total += amount
    return total
