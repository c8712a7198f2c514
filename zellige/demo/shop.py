"""The demo shop as values; money is in centimes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the three languages of the shop."""

    ar: str
    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class DemoCategory:
    """A category; `parent` is a slug."""

    slug: str
    name: Text
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class DemoTag:
    """A tag that products bear."""

    slug: str
    name: Text


@dataclass(frozen=True, slots=True)
class DemoOptionValue:
    """One value of an option."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class DemoOption:
    """What variants of a product differ in."""

    code: str
    name: Text
    values: tuple[DemoOptionValue, ...]


@dataclass(frozen=True, slots=True)
class DemoVariant:
    """One thing that can be bought; `choices` pairs an option's code with its value's code."""

    sku: str
    barcode: str
    choices: tuple[tuple[str, str], ...]
    price_minor: int


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A product of the catalogue."""

    slug: str
    name: Text
    description: Text
    category: str
    tags: tuple[str, ...]
    options: tuple[DemoOption, ...]
    variants: tuple[DemoVariant, ...]
    published: bool = True


@dataclass(frozen=True, slots=True)
class DemoWarehouse:
    """A place that holds stock."""

    code: str
    name: Text
    wilaya: str
    town: str


@dataclass(frozen=True, slots=True)
class DemoStock:
    """How many of a variant a warehouse received."""

    sku: str
    warehouse: str
    quantity: int


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who logs in."""

    email: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class DemoAddress:
    """Where an order goes."""

    name: str
    phone: str
    street: str
    town: str
    wilaya: str
    postal_code: str


OrderFate = Literal["cart", "placed", "confirmed", "fulfilled", "cancelled"]


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """One purchase and how far it has come; `lines` pairs a SKU with a quantity."""

    key: str
    customer: str
    address: DemoAddress
    lines: tuple[tuple[str, int], ...]
    fate: OrderFate


@dataclass(frozen=True, slots=True)
class DemoShop:
    """Everything of one demo shop."""

    organization: str
    organization_slug: str
    team: tuple[DemoPerson, ...]
    categories: tuple[DemoCategory, ...]
    tags: tuple[DemoTag, ...]
    products: tuple[DemoProduct, ...]
    warehouses: tuple[DemoWarehouse, ...]
    stock: tuple[DemoStock, ...]
    customers: tuple[DemoPerson, ...]
    orders: tuple[DemoOrder, ...]
