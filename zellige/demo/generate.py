"""The whole shop from one seed: catalogue, stock, customers and their orders."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import yaml

from zellige.demo.catalogue import ascii_slug, generate_categories, generate_products, generate_tags
from zellige.demo.shop import (
    DemoAddress,
    DemoOrder,
    DemoPerson,
    DemoProduct,
    DemoShop,
    DemoStock,
    DemoWarehouse,
    OrderFate,
    Text,
)

DEFAULT_SEED = 1962
CUSTOMERS = 30
BUYERS = 12  # each logs in while the shop is loaded, and a password takes a fifth of a second to check
ORDERS = 40
LINES_MAX = 4
# A variant in twenty has run out, so that "out of stock" can be seen.
SOLD_OUT_EVERY = 20
STOCK_MIN, STOCK_MAX = 20, 240
Yaml = Mapping[str, Any]


def generate_shop(seed: int = DEFAULT_SEED) -> DemoShop:
    """Returns the same shop for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - believable, not secret
    catalogue, people = _load("catalogue.yaml"), _load("people.yaml")
    products = tuple(generate_products(catalogue, rng))
    customers = tuple(_customers(people, rng))
    return DemoShop(
        organization=people["organization"]["name"],
        organization_slug=people["organization"]["slug"],
        team=tuple(DemoPerson(**person) for person in people["team"]),
        categories=tuple(generate_categories(catalogue)),
        tags=tuple(generate_tags(catalogue)),
        products=products,
        warehouses=tuple(_warehouses(people)),
        stock=tuple(_stock(products, people["warehouses"], rng)),
        customers=customers,
        orders=tuple(_orders(products, customers, people, rng)),
    )


def _load(name: str) -> Yaml:
    return yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))


def _warehouses(people: Yaml) -> Iterator[DemoWarehouse]:
    for place in people["warehouses"]:
        yield DemoWarehouse(place["code"], Text(**place["name"]), f"{place['wilaya']:02}", place["town"])


def _stock(
    products: Sequence[DemoProduct], places: Sequence[Yaml], rng: random.Random
) -> Iterator[DemoStock]:
    variants = [variant for product in products for variant in product.variants]
    for index, variant in enumerate(variants, start=1):
        if index % SOLD_OUT_EVERY == 0:
            continue
        total = rng.randint(STOCK_MIN, STOCK_MAX)
        for place in places:
            quantity = total * place["share"] // 100
            if quantity:
                yield DemoStock(variant.sku, place["code"], quantity)


def _customers(people: Yaml, rng: random.Random) -> Iterator[DemoPerson]:
    pairs = [(first, last) for first in people["first_names"] for last in people["last_names"]]
    for first, last in rng.sample(pairs, CUSTOMERS):
        email = f"{ascii_slug(first)}.{ascii_slug(last)}@demo.zellige.dev"
        yield DemoPerson(email, f"{first} {last}", "customer")


def _orders(
    products: Sequence[DemoProduct], customers: Sequence[DemoPerson], people: Yaml, rng: random.Random
) -> Iterator[DemoOrder]:
    fates: tuple[OrderFate, ...] = get_args(OrderFate)
    # Every twentieth variant, counted over the catalogue, has no stock; an order cannot hold it.
    skus = [variant.sku for product in products for variant in product.variants]
    sellable = {sku for index, sku in enumerate(skus, start=1) if index % SOLD_OUT_EVERY}
    published = [
        [variant.sku for variant in product.variants if variant.sku in sellable]
        for product in products
        if product.published
    ]
    for number in range(1, ORDERS + 1):
        customer = rng.choice(customers[:BUYERS])
        chosen = rng.sample([choices for choices in published if choices], rng.randint(1, LINES_MAX))
        yield DemoOrder(
            key=f"demo-order-{number:03d}",
            customer=customer.email,
            address=_address(customer, people, rng),
            lines=tuple((rng.choice(choices), rng.randint(1, 3)) for choices in chosen),
            # A fixed turn, not a draw: every state can be seen whatever the seed.
            fate=fates[number % len(fates)],
        )


def _address(customer: DemoPerson, people: Yaml, rng: random.Random) -> DemoAddress:
    town = rng.choice(people["towns"])
    return DemoAddress(
        name=customer.name,
        phone=f"+213{rng.choice('567')}{rng.randint(10_000_000, 99_999_999)}",
        street=f"{rng.randint(1, 120)}, {rng.choice(people['streets'])}",
        town=town["town"],
        wilaya=f"{int(town['wilaya']):02}",
        postal_code=town["postal_code"],
    )
