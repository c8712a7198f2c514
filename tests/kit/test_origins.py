"""Each element of a schema is found in the Python code it is written in."""

from __future__ import annotations

from pathlib import Path

from subgraphs.kit.settings import KitSettings
from tests.zellige.strawberry_shop import clashing_prices, products

PRODUCTS = "tests.zellige.strawberry_shop.products"
PRICES = "tests.zellige.strawberry_shop.clashing_prices"


def origins(module: object) -> dict[str, str]:
    settings = KitSettings(internal_secret="unused" * 6)
    return module.create_app(settings).origins()  # type: ignore[attr-defined]


def test_types_fields_and_resolvers_have_their_lines() -> None:
    found = origins(products)
    source = Path(str(products.__file__)).read_text().splitlines()
    for coordinate, python, text in (
        ("Product", "Product", "class Product:"),
        ("Product.name", "Product.name", "    name: str"),
        ("Product.priceAmount", "Product.price_amount", "    def price_amount("),
        ("Query.product", "Query.product", "    def product("),
    ):
        place = found[coordinate]
        line = int(place.rpartition(":")[2].removesuffix(")"))
        assert place == f"{PRODUCTS}.{python} (tests/zellige/strawberry_shop/products.py:{line})"
        assert source[line - 1].startswith(text)


def test_a_renamed_type_keeps_its_class_and_an_inherited_field_its_owner() -> None:
    found = {name: place.partition(" ")[0] for name, place in origins(clashing_prices).items()}
    assert found["Product"] == f"{PRICES}.PricedProduct"
    assert found["Product.id"] == f"{PRICES}.PricedProduct.id"
    assert found["Product.priceAmount"] == f"{PRICES}.Priced.price_amount"


def test_enums_and_their_values_are_found() -> None:
    found = origins(clashing_prices)
    assert found["Currency.EUR"].startswith(f"{PRICES}.Currency.EUR (")


def test_what_the_framework_adds_has_no_origin() -> None:
    assert "Query._service" not in origins(products)
