"""Prices that do not fit the products: another type for a field that both resolve."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry import federation

from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings


@strawberry.enum
class Currency(Enum):
    DZD = "DZD"
    EUR = "EUR"


@strawberry.type
class Priced:
    """Its field comes to the type below by inheritance."""

    @strawberry.field
    def price_amount(self, currency: str = "EUR") -> str:
        return currency


@federation.type(keys=["id"], name="Product")
class PricedProduct(Priced):
    id: strawberry.ID
    currency: Currency


@strawberry.type
class Query:
    @fields.query(allow=Public())
    def dearest(self) -> PricedProduct:
        return PricedProduct(id=strawberry.ID("1"), currency=Currency.DZD)


def create_app(settings: KitSettings) -> SubgraphApp:
    return SubgraphApp("prices", settings, KitSchema(query=Query))
