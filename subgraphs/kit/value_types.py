"""GraphQL value types that every subgraph defines alike, hence @shareable."""

from __future__ import annotations

import strawberry
from strawberry import federation

from subgraphs.kit.caching import PART_OF_ITS_OWNER
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.locales import Locale, LocalizedText
from subgraphs.kit.money import CURRENCY, Money
from subgraphs.kit.scalars import BigInt

LocaleEnum = strawberry.enum(Locale, name="Locale", description="A language of the platform.")

TEXT_LENGTH_MAX = 10_000
_CURRENCY_LENGTH = 3


@federation.type(
    name="Money",
    shareable=True,
    description="An amount in minor units of a currency.",
    directives=[PART_OF_ITS_OWNER],
)
class MoneyType:
    amount_minor: BigInt
    currency: str

    @classmethod
    def of(cls, money: Money) -> MoneyType:
        """Returns the amount as the API shows it."""
        return cls(amount_minor=BigInt(money.minor), currency=money.currency)

    @strawberry.field(description="The amount as people of the locale write it.")
    def formatted(self, locale: LocaleEnum = Locale.FR) -> str:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return Money(self.amount_minor, self.currency).formatted(locale)


@strawberry.input(name="MoneyInput", description="An amount in minor units; centimes for the dinar.")
class MoneyInput:
    amount_minor: BigInt
    currency: str = CURRENCY

    def to_money(self) -> Money:
        """Returns the amount, or raises InvalidInput for a currency code that cannot be one."""
        code = self.currency
        if len(code) != _CURRENCY_LENGTH or not (code.isascii() and code.isalpha() and code.isupper()):
            raise InvalidInput("A currency is three capital letters", field=["currency"])
        return Money(self.amount_minor, code)


@federation.type(
    name="LocalizedString",
    shareable=True,
    description="A text in up to three languages.",
    directives=[PART_OF_ITS_OWNER],
)
class LocalizedString:
    ar: str | None
    fr: str | None
    en: str | None

    @classmethod
    def of(cls, text: LocalizedText) -> LocalizedString:
        """Returns the text as the API shows it."""
        return cls(ar=text.ar, fr=text.fr, en=text.en)

    @strawberry.field(description="The text in the locale, else in the nearest language that has it.")
    def value(self, locale: LocaleEnum = Locale.FR) -> str:  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
        return LocalizedText(self.ar, self.fr, self.en).value(locale)


@strawberry.input(name="LocalizedStringInput", description="A text in up to three languages.")
class LocalizedStringInput:
    ar: str | None = None
    fr: str | None = None
    en: str | None = None

    def to_text(self) -> LocalizedText:
        """Returns the trimmed text, or raises InvalidInput when no language has any or one is too long."""
        trimmed = [text.strip() or None if text is not None else None for text in (self.ar, self.fr, self.en)]
        text = LocalizedText(*trimmed)
        if text.is_empty:
            raise InvalidInput("At least one language is needed")
        if any(part is not None and len(part) > TEXT_LENGTH_MAX for part in trimmed):
            raise InvalidInput(f"A text has at most {TEXT_LENGTH_MAX} characters")
        return text
