"""@context and @fromContext: an argument's value comes from an object around the one that has the field."""

from __future__ import annotations

from typing import Any

import pytest

from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.supergraph import load_supergraph
from tests.support.local_subgraphs import LocalFederation, local_federation
from tests.support.run_router import compose

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.8",
  import: ["@key", "@context", "@fromContext", "@requires", "@external"])
"""
SUBGRAPHS = {
    "orders": LINK
    + """
type Query { orders: [Order!]! }
type Order @key(fields: "id") @context(name: "order") { id: ID! lines: [Line!]! currency: String! }
type Line @key(fields: "id") { id: ID! product: Product! }
type Product @key(fields: "id") {
  id: ID!
  price(rounded: Boolean, currency: String! @fromContext(field: "$order { currency }")): String
}
""",
    "names": LINK + 'type Product @key(fields: "id") { id: ID! name: String }',
}
RECORDS: dict[str, dict[str, Any]] = {
    "Query": {"orders": ["@Order:1", "@Order:2", "@Order:3"]},
    "Order:1": {"currency": "DZD", "lines": ["@Line:1", "@Line:2"]},
    "Order:2": {"currency": "EUR", "lines": ["@Line:3"]},
    "Order:3": {"currency": "DZD", "lines": ["@Line:4"]},
    "Line:1": {"product": "@Product:1"},
    "Line:2": {"product": "@Product:2"},
    "Line:3": {"product": "@Product:1"},
    "Line:4": {"product": "@Product:1"},
}


@pytest.fixture
def federation() -> LocalFederation:
    return local_federation(SUBGRAPHS, RECORDS)


def router_over(federation: LocalFederation) -> Router:
    supergraph = load_supergraph(compose(SUBGRAPHS).supergraph_sdl or "")
    return Router(supergraph, federation.subgraph_clients())


async def data_of(federation: LocalFederation, query: str) -> Any:
    result = await router_over(federation).execute(GraphQLRequest(query), RequestContext())
    assert not federation.log.complaints
    assert not result.errors
    return result.data


def price(product: int, **arguments: Any) -> str:
    shown = ", ".join(f"{key}: {value}" for key, value in sorted(arguments.items()))
    return f"Product:{product}.price({shown})"


async def test_each_object_takes_the_value_of_the_object_around_it(federation: LocalFederation) -> None:
    data = await data_of(federation, "{ orders { lines { product { price } } } }")
    prices = [[line["product"]["price"] for line in order["lines"]] for order in data["orders"]]
    assert prices == [
        [price(1, currency='"DZD"'), price(2, currency='"DZD"')],
        [price(1, currency='"EUR"')],
        [price(1, currency='"DZD"')],
    ]


async def test_equal_values_share_a_request_and_equal_objects_a_representation(
    federation: LocalFederation,
) -> None:
    await data_of(federation, "{ orders { lines { product { price } } } }")
    asked = [fetch.variables for fetch in federation.log.fetches if fetch.variables]
    products = {one["context__price__currency"]: [r["id"] for r in one["representations"]] for one in asked}
    assert products == {"DZD": ["1", "2"], "EUR": ["1"]}


async def test_the_clients_own_arguments_stay(federation: LocalFederation) -> None:
    data = await data_of(federation, "{ orders { lines { product { price(rounded: true) } } } }")
    assert data["orders"][1]["lines"][0]["product"]["price"] == price(1, currency='"EUR"', rounded="true")


async def test_the_argument_is_hidden_from_clients(federation: LocalFederation) -> None:
    query = '{ orders { lines { product { price(currency: "USD") } } } }'
    result = await router_over(federation).execute(GraphQLRequest(query), RequestContext())
    assert [error.code for error in result.errors] == ["GRAPHQL_VALIDATION_FAILED"]


async def test_plans_with_context_are_sound_beside_other_subgraphs(federation: LocalFederation) -> None:
    inspected = router_over(federation).inspect("{ orders { lines { product { name price } } } }")
    assert inspected.problems == ()
    assert [fetch.service for fetch in inspected.plan.fetches] == ["orders", "names", "orders"]
