"""The test subgraphs and the oracle themselves: they must see what a wrong router would do."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from tests.support.local_subgraphs import LocalFederation, local_federation
from tests.support.local_subgraphs_http import serve_subgraphs
from tests.support.monolith import Monolith, OracleAnswer, differences, null_positions

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [
  "@key", "@external", "@requires", "@provides", "@shareable", "@override", "@interfaceObject"
])
"""
SHOP = f"""{LINK}
type Query {{ products: [Product!]! }}
type Product @key(fields: "id") {{
  id: ID!
  name: String @shareable
  price(currency: String = "DZD"): Int
  size: Size @shareable
  stock: Int
}}
type Size @shareable {{ width: Int height: Int }}
"""
SHIPPING = f"""{LINK}
type Query {{ heaviest: Product @provides(fields: "name") lightest: Product }}
type Product @key(fields: "id") {{
  id: ID!
  name: String @external
  price(currency: String): Int @external
  size: Size @external
  fee: String @requires(fields: "price(currency: \\"EUR\\") size {{ width }}")
  stock: Int @override(from: "shop")
}}
type Size @shareable {{ width: Int height: Int }}
"""
API = """
type Query { products: [Product!]! heaviest: Product lightest: Product }
type Product { id: ID! name: String price(currency: String = "DZD"): Int size: Size fee: String stock: Int }
type Size { width: Int height: Int }
"""
ENTITIES = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { %s } } }"


@pytest.fixture
def shop() -> LocalFederation:
    records = {
        "Query": {"products": ["@Product:1", "@Product:2"], "heaviest": "@Product:1"},
        "Product:1": {"name": "Zarbia", "price": 10, "size": {"width": 3}},
        "Product:2": {"name": "!out of order"},
    }
    return local_federation({"shop": SHOP, "shipping": SHIPPING}, records)


def entities(shop: LocalFederation, fields: str, *representations: dict[str, Any]) -> dict[str, Any]:
    return shop.clients["shipping"].run(ENTITIES % fields, {"r": list(representations)})


def test_stored_values_and_errors_are_answered(shop: LocalFederation) -> None:
    body = shop.clients["shop"].run("{ products { id name } }")
    assert body["data"] == {"products": [{"id": "1", "name": "Zarbia"}, {"id": "2", "name": None}]}
    assert [error["path"] for error in body["errors"]] == [["products", 1, "name"]]
    assert shop.log.complaints == []


def test_values_not_stored_follow_from_their_place(shop: LocalFederation) -> None:
    body = shop.clients["shipping"].run("{ lightest { id } }")
    assert body["data"]["lightest"]["id"] in {"1", "2"}
    assert body == shop.clients["shipping"].run("{ lightest { id } }")


def test_arguments_change_the_answer(shop: LocalFederation) -> None:
    query = "{ products { price(currency: %s) } }"
    answers = {json.dumps(shop.clients["shop"].run(query % each)) for each in ('"DZD"', '"EUR"')}
    assert len(answers) == 2


def test_invalid_operation_is_a_complaint(shop: LocalFederation) -> None:
    assert "errors" in shop.clients["shop"].run("{ products { colour } }")
    assert shop.log.complaints[0].startswith("shop: invalid operation: Cannot query field 'colour'")


def test_required_values_decide_the_answer_as_received(shop: LocalFederation) -> None:
    right = shop.store.read(shop.store.records["Product:1"], "fee", {})
    given = {"__typename": "Product", "id": "1", "size": {"width": 3}}
    price = shop.store.read(shop.store.records["Product:1"], "price", {"currency": "EUR"})
    body = entities(shop, "fee", {**given, "price": price}, {**given, "price": 10})
    fees = [entity["fee"] for entity in body["data"]["_entities"]]
    assert fees[0] == right
    assert fees[1] != right
    assert shop.log.complaints == []


def test_missing_requirement_is_a_complaint(shop: LocalFederation) -> None:
    entities(shop, "fee", {"__typename": "Product", "id": "1", "price": 3})
    assert shop.log.complaints == ["shipping: Product.fee asked without its required size"]


def test_required_field_off_an_entity_call_is_a_complaint(shop: LocalFederation) -> None:
    shop.clients["shipping"].run("{ heaviest { fee } }")
    assert shop.log.complaints == ["shipping: Product.fee asked without a representation"]


def test_external_field_is_answered_where_provided_only(shop: LocalFederation) -> None:
    body = shop.clients["shipping"].run("{ heaviest { name } lightest { name } }")
    assert body["data"] == {"heaviest": {"name": "Zarbia"}, "lightest": {"name": None}}
    assert shop.log.complaints == ["shipping: external Product.name asked where it is not provided"]


def test_overridden_field_is_a_complaint(shop: LocalFederation) -> None:
    shop.clients["shop"].run("{ products { stock } }")
    assert set(shop.log.complaints) == {"shop: Product.stock is overridden by another subgraph"}


def test_representation_without_a_key_is_a_complaint(shop: LocalFederation) -> None:
    entities(shop, "stock", {"__typename": "Product", "id": None})
    assert shop.log.complaints == [
        'shipping: no resolvable key in the representation {"__typename": "Product", "id": null}'
    ]


def test_unknown_entity_is_null_without_complaint(shop: LocalFederation) -> None:
    body = entities(shop, "stock", {"__typename": "Product", "id": "absent"})
    assert body == {"data": {"_entities": [None]}}
    assert shop.log.complaints == []


def test_interface_object_is_known_by_the_interface_name() -> None:
    media = f'{LINK} type Query {{ media: [Media!]! }} interface Media @key(fields: "id") {{ id: ID! }}'
    media += ' type Book implements Media @key(fields: "id") { id: ID! }'
    reviews = f'{LINK} type Media @interfaceObject @key(fields: "id") {{ id: ID! stars: Int }}'
    federation = local_federation({"media": media, "reviews": reviews})
    body = federation.clients["reviews"].run(
        "query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Media { stars } } }",
        {"r": [{"__typename": "Media", "id": "Book-1"}]},
    )
    stars = federation.store.read(federation.store.records["Book:1"], "stars", {})
    assert body == {"data": {"_entities": [{"__typename": "Media", "stars": stars}]}}


def test_monolith_answers_fields_of_all_subgraphs(shop: LocalFederation) -> None:
    answer = Monolith(API, shop.store).execute("{ heaviest { name fee stock } }")
    assert answer.errors == ()
    assert answer.data is not None
    assert answer.data["heaviest"]["name"] == "Zarbia"
    assert answer.data["heaviest"]["fee"].startswith("Product:1.fee(")


def test_differences_see_key_order_and_error_positions() -> None:
    expected = OracleAnswer({"a": 1, "b": None}, ({"path": ["b", "c"]},))
    assert differences(expected, {"a": 1, "b": None}, [{"path": ["b"]}]) == []
    assert len(differences(expected, {"b": None, "a": 1}, [{"path": ["b"]}])) == 2
    assert len(differences(expected, {"a": 1, "b": None}, [])) == 1
    assert null_positions({"a": [{"b": None}]}, [{"path": ["a", 0, "b", 3, "c"]}]) == ({("a", 0, "b")}, set())


def test_null_by_a_field_the_client_never_asked_for_is_explained() -> None:
    expected = OracleAnswer({"a": {"fee": None}}, ({"path": ["a", "fee"]},))
    assert differences(expected, {"a": {"fee": None}}, [{"path": ["a", "weight"]}]) == []
    assert len(differences(expected, {"a": {"fee": None}}, [{"path": ["b", "weight"]}])) == 2


def test_subgraphs_answer_over_http(shop: LocalFederation) -> None:
    with serve_subgraphs(shop.clients) as urls:
        request = urllib.request.Request(
            urls["shipping"],
            json.dumps({"query": "{ heaviest { id } }"}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            assert json.load(response) == {"data": {"heaviest": {"id": "1"}}}
