"""The GraphQL of orders: types and entities, inputs, payloads, queries, mutations and subscriptions."""

from __future__ import annotations

from subgraphs.kit.schema import KitSchema
from subgraphs.orders.schema.mutations import Mutation
from subgraphs.orders.schema.queries import Query
from subgraphs.orders.schema.references import Organization, Product, ProductVariant
from subgraphs.orders.schema.subscriptions import Subscription
from subgraphs.orders.schema.types import Order, User


def build_schema() -> KitSchema:
    """Returns the federation schema of orders."""
    return KitSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Order, User, Organization, Product, ProductVariant],
    )
