"""Reading over all four domains: one query for all, the cost of lists, and who sees what."""

from __future__ import annotations

from typing import Any

import pytest

from subgraphs.kit.ids import read_id
from tests.commerce.shopkeeping import Shop
from tests.support.subgraph import Caller

REGISTER = "mutation($input: RegisterInput!) { register(input: $input) { userErrors { code } } }"
LOGIN = """
mutation($input: LoginInput!) {
  login(input: $input) { tokens { accessToken } user { id } userErrors { code message } }
}
"""
EVERYTHING = """
{
  me {
    name
    orders(first: 5) {
      totalCount
      nodes {
        number status total { formatted(locale: FR) }
        customer { email }
        lines {
          quantity
          productName { fr }
          variant { sku availableQuantity price { amountMinor } product { slug(locale: FR) status } }
        }
      }
    }
  }
}
"""
AVAILABILITY = """
query($n: Int!, $where: ProductWhere) {
  products(first: $n, where: $where) {
    edges { node { id name variants { id price { amountMinor currency } availableQuantity } } }
  }
}
"""


async def _sign_up(shop: Shop, name: str) -> Caller:
    """Returns a person of flesh and blood: registered with identity and logged in."""
    account = {"email": f"{name.lower()}@example.dz", "password": "un-long-mot-de-passe-93"}
    await shop.platform.change(REGISTER, {**account, "name": name})
    entered = await shop.platform.change(LOGIN, account)
    customer = shop.platform.customer(read_id(entered["user"]["id"]))
    return Caller(entered["tokens"]["accessToken"], customer.viewer)


async def test_one_query_joins_identity_orders_products_and_inventory(shop: Shop) -> None:
    customer = await _sign_up(shop, "Houria")
    [goods] = await shop.sell(1, price_minor=1_234_567, on_hand=5)
    await shop.buy(customer, (goods, 2))
    seen = (await shop.platform.data(EVERYTHING, caller=customer))["me"]
    [order] = seen["orders"]["nodes"]
    [line] = order["lines"]
    assert (seen["name"], seen["orders"]["totalCount"]) == ("Houria", 1)
    assert (order["number"], order["status"]) == (1001, "PLACED")
    assert order["customer"] == {"email": "houria@example.dz"}
    assert order["total"] == {"formatted": "24\u202f691,34\u00a0DA"}
    mark = goods.sku.removeprefix("RUG-")
    assert line == {
        "quantity": 2,
        "productName": {"fr": f"Tapis {mark}"},
        "variant": {
            "sku": goods.sku,
            "availableQuantity": 3,
            "price": {"amountMinor": "1234567"},
            "product": {"slug": f"tapis-{mark}", "status": "PUBLISHED"},
        },
    }


@pytest.mark.parametrize("count", [10, 100])
async def test_the_product_list_with_availability_costs_six_statements_at_most(
    shop: Shop, count: int
) -> None:
    await shop.sell(count, on_hand=3)
    with shop.platform.recorded_statements() as logs:
        found = await shop.platform.data(AVAILABILITY, {"n": count})
    nodes = [edge["node"] for edge in found["products"]["edges"]]
    assert len(nodes) == count
    assert {variant["availableQuantity"] for node in nodes for variant in node["variants"]} == {3}
    counts = {domain: len(log) for domain, log in logs.items()}
    assert (counts["identity"], counts["orders"]) == (0, 0)
    assert counts["products"] <= 4, logs["products"]
    assert counts["inventory"] <= 2, logs["inventory"]


async def test_staff_see_the_orders_of_their_shop_with_customers_and_stock_in_one_query(shop: Shop) -> None:
    [goods] = await shop.sell(1)
    for _ in range(3):
        await shop.buy(shop.platform.customer(), (goods, 1))
    query = """{ orders(first: 10, where: { status: { eq: PLACED } }) { totalCount nodes {
      number organizationId events { type } lines { variant { sku availableQuantity stockStatus } } } } }"""
    with shop.platform.recorded_statements() as logs:
        found = (await shop.platform.data(query, caller=shop.staff))["orders"]
    assert (found["totalCount"], [node["number"] for node in found["nodes"]]) == (3, [1003, 1002, 1001])
    assert {node["lines"][0]["variant"]["availableQuantity"] for node in found["nodes"]} == {7}
    assert sum(len(log) for log in logs.values()) <= 8, logs


async def test_an_order_stays_within_its_two_parties_by_every_path(shop: Shop) -> None:
    customer, [goods] = shop.platform.customer(), await shop.sell(1)
    order = await shop.buy(customer, (goods, 1))
    rival = shop.platform.user(permissions=["*"])
    outsiders: list[Caller | None] = [None, shop.platform.customer(), rival]
    for outsider in outsiders:
        assert await _order_seen(shop, order["id"], outsider) is None
        for mutation, given in _changes(order["id"]):
            response = await shop.platform.execute(mutation, {"input": given}, outsider)
            assert "1001" not in str(response)
            assert _refusal(response) in ("NOT_FOUND", "UNAUTHENTICATED", "FORBIDDEN")
    listed = await shop.platform.data("{ orders { totalCount } }", caller=rival)
    assert listed == {"orders": {"totalCount": 0}}
    assert (await _order_seen(shop, order["id"], customer)) == {"number": 1001}
    assert (await _order_seen(shop, order["id"], shop.staff)) == {"number": 1001}
    assert await shop.orders() == [("PLACED", "COMMITTED")]


async def test_the_subgraph_itself_keeps_orders_apart_behind_the_router(shop: Shop) -> None:
    customer, [goods] = shop.platform.customer(), await shop.sell(1)
    order = await shop.buy(customer, (goods, 1))
    query = """query($r: [_Any!]!) { _entities(representations: $r) {
      ... on Order { number } ... on User { orders { totalCount } } } }"""
    asked = [
        {"__typename": "Order", "id": order["id"]},
        {"__typename": "User", "id": str(customer.viewer.user_id)},
    ]

    async def seen_by(caller: Caller | None) -> Any:
        headers = caller.headers if caller is not None else {}
        response = await shop.platform.app("orders").execute(query, {"r": asked}, None, headers)
        return response["data"]["_entities"]

    nothing = [None, {"orders": {"totalCount": 0}}]
    everything = [{"number": 1001}, {"orders": {"totalCount": 1}}]
    assert await seen_by(None) == nothing
    assert await seen_by(shop.platform.customer()) == nothing
    assert await seen_by(shop.platform.user(permissions=["*"])) == nothing
    assert await seen_by(customer) == everything
    assert await seen_by(shop.staff) == everything


async def _order_seen(shop: Shop, order_id: str, caller: Caller | None) -> Any:
    query = "query($id: ID!) { order(id: $id) { number } }"
    return (await shop.platform.data(query, {"id": order_id}, caller))["order"]


def _changes(order_id: str) -> list[tuple[str, dict[str, Any]]]:
    reference, keyed = {"orderId": order_id}, {"orderId": order_id, "idempotencyKey": "k"}
    fields = (
        ("orderCancel", "OrderCancelInput", keyed),
        ("orderConfirm", "OrderReferenceInput", reference),
        ("orderComplete", "OrderReferenceInput", reference),
        ("fulfillmentCreate", "FulfillmentCreateInput", keyed),
    )
    payload = "order { number } userErrors { code }"
    return [
        (f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {payload} }} }}", given)
        for name, kind, given in fields
    ]


def _refusal(response: dict[str, Any]) -> str:
    if response.get("errors"):
        return response["errors"][0]["extensions"]["code"]
    ((_, payload),) = response["data"].items()
    assert payload["order"] is None
    return payload["userErrors"][0]["code"]
