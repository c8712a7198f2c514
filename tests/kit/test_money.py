"""Money: exact, conserved, and written as Algerians write it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.locales import Locale, LocalizedText
from subgraphs.kit.money import CurrencyMismatchError, Money, total_of
from subgraphs.kit.scalars import BIG_INT_MAX, SCALARS, BigInt
from subgraphs.kit.value_types import LocalizedStringInput, MoneyInput

minors = st.integers(-(10**15), 10**15)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)


@given(minors, weights)
def test_an_allocation_adds_up_and_is_fair(minor: int, shares: list[int]) -> None:
    parts = [part.minor for part in Money(minor).allocate(shares)]
    assert sum(parts) == minor
    total = sum(shares)
    for part, weight in zip(parts, shares, strict=True):
        assert abs(part * total - minor * weight) < total
        assert weight or not part
    assert [part.minor for part in Money(minor).allocate(shares)] == parts


@given(minors, weights)
def test_a_refund_allocates_as_the_payment_did(minor: int, shares: list[int]) -> None:
    assert [-part for part in Money(minor).allocate(shares)] == Money(-minor).allocate(shares)


@given(minors, st.decimals(min_value=0, max_value=10, places=4))
def test_a_rate_rounds_to_the_nearest_half_away_from_zero(minor: int, rate: Decimal) -> None:
    product = Money(minor).times(rate).minor
    exact = Decimal(minor) * rate
    assert abs(exact - product) <= Decimal("0.5")
    if abs(exact - product) == Decimal("0.5"):
        assert abs(product) > abs(exact)


@given(st.lists(minors, max_size=50))
def test_a_total_is_the_sum_in_any_order(minors: list[int]) -> None:
    amounts = [Money(minor) for minor in minors]
    assert total_of(amounts) == total_of(reversed(amounts)) == Money(sum(minors))


def test_tax_at_the_edges() -> None:
    assert [Money(minor).times(Decimal("0.19")).minor for minor in (50, 150, 250, -50)] == [10, 29, 48, -10]
    assert Money(6407).times(100).minor == 640700
    assert Money(3).allocate([1, 1]) == [Money(2), Money(1)]
    assert Money(100).allocate([1, 0, 1, 1]) == [Money(34), Money(0), Money(33), Money(33)]


def test_floats_and_mixed_currencies_are_faults() -> None:
    with pytest.raises(TypeError):
        Money(1.5)  # pyright: ignore[reportArgumentType]  # the point
    with pytest.raises(TypeError):
        Money(True)
    with pytest.raises(TypeError):
        Money(1).times(0.19)  # pyright: ignore[reportArgumentType]  # the point
    with pytest.raises(CurrencyMismatchError):
        assert Money(1, "DZD") + Money(1, "EUR")
    with pytest.raises(CurrencyMismatchError):
        max(Money(1, "DZD"), Money(1, "EUR"), key=lambda money: money)
    for weights in ([], [0, 0], [1, -1]):
        with pytest.raises(ValueError, match="Weights"):
            Money(1).allocate(weights)


def test_amounts_are_written_as_each_locale_does() -> None:
    amount = Money(123456750)
    assert amount.formatted(Locale.FR) == "1\u202f234\u202f567,50\xa0DA"
    assert amount.formatted(Locale.EN) == "DZD\xa01,234,567.50"
    arabic = amount.formatted(Locale.AR)
    assert arabic.startswith("\u200f1.234.567,50") and "د.ج.\u200f" in arabic
    assert Money(-5).formatted(Locale.FR) == "-0,05\xa0DA"
    assert Money(1000, "JPY").formatted(Locale.EN) == "¥1,000"
    assert Money(1000, "TND").to_decimal() == Decimal(1)


def test_a_text_falls_back_to_the_nearest_language() -> None:
    text = LocalizedText(ar="قهوة", fr="Café")
    assert [text.value(locale) for locale in Locale] == ["قهوة", "Café", "Café"]
    assert LocalizedText(en="Coffee").value(Locale.AR) == "Coffee"
    assert LocalizedText(ar="", fr=None).value(Locale.AR) == ""


def test_inputs_refuse_what_cannot_be() -> None:
    assert MoneyInput(amount_minor=BigInt(5)).to_money() == Money(5, "DZD")
    for currency in ("", "dzd", "DINAR", "DZ1", "ДЗД"):
        with pytest.raises(InvalidInput):
            MoneyInput(amount_minor=BigInt(5), currency=currency).to_money()
    assert LocalizedStringInput(ar=" قهوة ", fr=" ").to_text() == LocalizedText(ar="قهوة")
    for given_text in (LocalizedStringInput(), LocalizedStringInput(fr="x" * 10_001)):
        with pytest.raises(InvalidInput):
            given_text.to_text()


def test_big_integers_are_text_of_63_bits() -> None:
    scalar = SCALARS[BigInt]
    assert scalar.serialize is not None and scalar.parse_value is not None
    assert scalar.serialize(BIG_INT_MAX) == "9223372036854775807"
    assert [scalar.parse_value(value) for value in (5, "5", "-5")] == [5, 5, -5]
    for bad in (True, 1.5, "1.5", "", None, BIG_INT_MAX + 1, str(-(BIG_INT_MAX + 1))):
        with pytest.raises(ValueError, match="BigInt"):
            scalar.parse_value(bad)
