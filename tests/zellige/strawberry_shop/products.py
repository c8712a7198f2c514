"""Products of a small shop in Strawberry."""

from __future__ import annotations

import strawberry
from strawberry import federation

from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings


@federation.type(keys=["id"])
class Product:
    id: strawberry.ID
    name: str

    @strawberry.field
    def price_amount(self, currency: str = "DZD") -> int:
        return len(self.name + currency)


@strawberry.type
class Query:
    @fields.query(allow=Public())
    def product(self, id: strawberry.ID) -> Product:  # noqa: A002 - the name of a GraphQL argument
        return Product(id=id, name="Kettle")


def create_app(settings: KitSettings) -> SubgraphApp:
    return SubgraphApp("products", settings, KitSchema(query=Query))
