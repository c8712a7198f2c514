"""Products from kinds and makers: each kind of `catalogue.yaml`, made by a few of its family's makers."""

from __future__ import annotations

import itertools
import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from zellige.demo.shop import (
    DemoCategory,
    DemoOption,
    DemoOptionValue,
    DemoProduct,
    DemoTag,
    DemoVariant,
    Text,
)

MAKERS_PER_KIND = 4
BARCODE_PREFIX = "613"  # the prefix of Algeria in GS1's table
Yaml = Mapping[str, Any]


def generate_categories(catalogue: Yaml) -> Iterator[DemoCategory]:
    """Yields parents before their children."""
    for top in catalogue["categories"]:
        yield DemoCategory(top["slug"], _text(top["name"]))
        for child in top.get("children", ()):
            yield DemoCategory(child["slug"], _text(child["name"]), top["slug"])


def generate_tags(catalogue: Yaml) -> Iterator[DemoTag]:
    """Yields every tag products may bear."""
    for slug, name in catalogue["tags"].items():
        yield DemoTag(slug, _text(name))


def generate_products(catalogue: Yaml, rng: random.Random) -> Iterator[DemoProduct]:
    """Yields the products, category by category."""
    numbers = itertools.count(1)
    for leaf in _leaves(catalogue):
        family = catalogue["families"][leaf["family"]]
        for kind in leaf["kinds"]:
            for maker in rng.sample(family["makers"], MAKERS_PER_KIND):
                yield _product(catalogue, leaf, kind, maker, (next(numbers), rng))


def ascii_slug(text: str) -> str:
    """Returns a text as lower-case words of plain letters and digits, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _leaves(catalogue: Yaml) -> Iterator[Yaml]:
    for top in catalogue["categories"]:
        yield from top.get("children", [top])


def _product(
    catalogue: Yaml, leaf: Yaml, kind: Yaml, maker: Yaml, draw: tuple[int, random.Random]
) -> DemoProduct:
    number, rng = draw
    pattern = catalogue["families"][leaf["family"]]["pattern"]
    name = Text(
        **{
            language: _capitalized(
                pattern[language].format(kind=kind["name"][language], maker=maker[language])
            )
            for language in ("ar", "fr", "en")
        }
    )
    options = tuple(
        DemoOption(
            code,
            _text(catalogue["options"][code]["name"]),
            tuple(_option_value(catalogue, value) for value in values),
        )
        for code, values in kind["options"].items()
    )
    # The same kind costs more from one maker than from another, within a fifth, in whole tens of dinars.
    price = round(kind["price"] * rng.uniform(0.9, 1.1) / 10) * 10
    return DemoProduct(
        slug=f"{kind['id']}-{maker['id']}",
        name=name,
        description=_describe(name, leaf["name"]),
        category=leaf["slug"],
        tags=tuple(leaf["tags"]),
        options=options,
        variants=tuple(_variants(options, f"{kind['id']}-{maker['id']}", number, (price, kind["step"]))),
        # One in twenty stays a draft: the team sees it, customers do not.
        published=number % 20 != 0,
    )


def _variants(
    options: tuple[DemoOption, ...], slug: str, number: int, prices: tuple[int, int]
) -> Iterator[DemoVariant]:
    first_price, step = prices
    combinations = itertools.product(*(option.values for option in options))
    for index, values in enumerate(combinations):
        # The first option decides the price: 1 kg costs more than 500 g, black costs what white costs.
        position = options[0].values.index(values[0])
        yield DemoVariant(
            sku="-".join([slug, *(value.code for value in values)]).upper(),
            barcode=_with_check_digit(f"{BARCODE_PREFIX}{number:06d}{index:03d}"),
            choices=tuple((option.code, value.code) for option, value in zip(options, values, strict=True)),
            price_minor=(first_price + position * step) * 100,
        )


def _option_value(catalogue: Yaml, value: str) -> DemoOptionValue:
    names = catalogue["values"].get(value, {"ar": value, "fr": value, "en": value})
    return DemoOptionValue(ascii_slug(value), _text(names))


def _with_check_digit(digits: str) -> str:
    """Completes an EAN-13 barcode."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def _describe(name: Text, category: Mapping[str, str]) -> Text:
    return Text(
        ar=f"{name.ar}. يباع في قسم {category['ar']} ويصلك في 58 ولاية.",
        fr=f"{name.fr}. Au rayon {category['fr']}, livré dans les 58 wilayas.",
        en=f"{name.en}. Found under {category['en']}, delivered to all 58 wilayas.",
    )


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _text(texts: Mapping[str, str]) -> Text:
    return Text(texts["ar"], texts["fr"], texts["en"])
