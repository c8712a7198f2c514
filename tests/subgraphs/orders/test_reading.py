"""Who sees which orders, and what the lists cost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.subgraphs.orders.shopping import Shopping
from tests.support.statements import recorded_statements
from tests.support.subgraph import Caller

ORDERS = """
query($first: Int, $after: String, $where: OrderWhere, $orderBy: [OrderOrder!], $search: String) {
  orders(first: $first, after: $after, where: $where, orderBy: $orderBy, search: $search) {
    totalCount pageInfo { hasNextPage endCursor } nodes { number }
  }
}
"""
USER_ORDERS = (
    "... on User { orders(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { number } } }"
)


async def _numbers(shop: Shopping, caller: Caller, **variables: Any) -> list[int]:
    found = (await shop.running.data(ORDERS, variables, caller))["orders"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["number"] for node in found["nodes"]]


def _user(caller: Caller) -> dict[str, str]:
    return {"__typename": "User", "id": str(caller.viewer.user_id)}


async def test_an_order_is_seen_by_its_customer_and_its_sellers_staff_by_every_path(shop: Shopping) -> None:
    customer, other = shop.running.customer(), shop.running.customer()
    order = await shop.buy(customer, (shop.goods(), 1))
    reference = [{"__typename": "Order", "id": order["id"]}]
    seller = shop.running.service("payments", on_behalf_of=shop.staff().viewer, permissions=["internal"])
    for caller in (customer, shop.staff(), seller):
        assert (await shop.order(order["id"], caller))["number"] == 1001
        found = await shop.running.entities(reference, "... on Order { number }", caller)
        assert found == [{"__typename": "Order", "number": 1001}]
    rival = shop.running.user(permissions=["*"])
    colleague = shop.running.user(organization_id=shop.seller, permissions=["products:read"])
    powerless = shop.running.service("payments", on_behalf_of=shop.staff().viewer)
    in_their_name = shop.running.service(
        "payments", on_behalf_of=customer.viewer, permissions=["orders:read"]
    )
    for caller in (None, other, rival, colleague, powerless, in_their_name):
        assert await shop.order(order["id"], caller) is None
        assert await shop.running.entities(reference, "... on Order { number }", caller) == [None]


async def test_the_list_is_the_sellers_own(shop: Shopping) -> None:
    await shop.buy(shop.running.customer(), (shop.goods(), 1))
    assert await _numbers(shop, shop.staff()) == [1001]
    assert await _numbers(shop, shop.running.user(permissions=["*"])) == []
    for caller in (None, shop.running.customer(), shop.staff("products:read")):
        response = await shop.running.execute(ORDERS, {}, caller)
        code = "UNAUTHENTICATED" if caller is None else "FORBIDDEN"
        assert [error["extensions"]["code"] for error in response["errors"]] == [code]


async def test_users_show_their_orders_to_themselves_and_to_the_seller(shop: Shopping) -> None:
    customer, rival_customer = shop.running.customer(), shop.running.customer()
    for _ in range(3):
        await shop.buy(customer, (shop.goods(), 1))
    elsewhere = shop.peer.sell(UUID(int=7), 100, 5)
    await shop.buy(customer, (elsewhere, 1))
    await shop.buy(rival_customer, (elsewhere, 1))
    people = [_user(customer), _user(rival_customer)]

    async def seen_by(caller: Caller | None) -> list[tuple[int, list[int]]]:
        found = await shop.running.entities(people, USER_ORDERS, caller)
        return [
            (each["orders"]["totalCount"], [node["number"] for node in each["orders"]["nodes"]])
            for each in found
        ]

    assert await seen_by(customer) == [(4, [1001, 1003]), (0, [])]
    assert await seen_by(shop.staff()) == [(3, [1003, 1002]), (0, [])]
    assert await seen_by(shop.running.user(permissions=["*"])) == [(0, []), (0, [])]
    assert await seen_by(None) == [(0, []), (0, [])]


async def test_a_users_orders_are_turned_page_by_page(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods(on_hand=10)
    for _ in range(5):
        await shop.buy(customer, (goods, 1))
    seen, cursor, user = [], None, {}
    for _ in range(3):
        selection = f"""... on User {{ orders(first: 2, after: {f'"{cursor}"' if cursor else "null"}) {{
            pageInfo {{ hasNextPage endCursor }} nodes {{ number }} }} }}"""
        [user] = await shop.running.entities([_user(customer)], selection, customer)
        seen += [node["number"] for node in user["orders"]["nodes"]]
        cursor = user["orders"]["pageInfo"]["endCursor"]
    assert seen == [1005, 1004, 1003, 1002, 1001]
    assert user["orders"]["pageInfo"]["hasNextPage"] is False


async def test_orders_of_many_users_cost_as_many_statements_as_of_one(shop: Shopping) -> None:
    goods, staff = shop.goods(on_hand=100), shop.staff()
    people = [shop.running.customer() for _ in range(8)]
    for person in people:
        await shop.buy(person, (goods, 1))
    selection = """... on User { orders(first: 5) { nodes { number lines { sku } events { type }
                   fulfillments { id } } } }"""
    counts = []
    for count in (1, 8):
        with recorded_statements(shop.running.app.database.engine) as statements:
            await shop.running.entities([_user(each) for each in people[:count]], selection, staff)
        counts.append(len(statements))
    assert counts == [4, 4]


async def test_a_page_of_orders_costs_the_same_whatever_its_length(shop: Shopping) -> None:
    goods, staff = shop.goods(on_hand=100), shop.staff()
    for _ in range(12):
        await shop.buy(shop.running.customer(), (goods, 1))
    query = "query($n: Int!) { orders(first: $n) { nodes { number total { amountMinor } lines { sku } } } }"
    for count in (2, 12):
        with recorded_statements(shop.running.app.database.engine) as statements:
            found = await shop.running.data(query, {"n": count}, staff)
        assert len(found["orders"]["nodes"]) == count
        assert len(statements) == 2, statements


async def test_orders_are_filtered_sorted_and_searched(shop: Shopping) -> None:
    staff, amina, lyes = shop.staff(), shop.running.customer(), shop.running.customer()
    cheap, dear = shop.goods(price_minor=100), shop.goods(price_minor=900_000)
    await shop.buy(amina, (cheap, 1))
    await shop.buy(lyes, (dear, 1))
    await shop.buy(amina, (dear, 2))
    by_total = [{"field": "TOTAL", "direction": "DESC"}]
    assert await _numbers(shop, staff) == [1003, 1002, 1001]
    assert await _numbers(shop, staff, orderBy=by_total) == [1003, 1002, 1001]
    assert await _numbers(shop, staff, orderBy=[{"field": "NUMBER"}]) == [1001, 1002, 1003]
    where = {"customerId": {"eq": str(amina.viewer.user_id)}, "totalMinor": {"gt": "1000"}}
    assert await _numbers(shop, staff, where=where) == [1003]
    assert await _numbers(shop, staff, where={"status": {"in": ["PLACED"]}, "number": {"lte": 1002}}) == [
        1002,
        1001,
    ]
    assert await _numbers(shop, staff, where={"NOT": {"status": {"eq": "PLACED"}}}) == []
    assert await _numbers(shop, staff, search="1002") == [1002]
    assert await _numbers(shop, staff, search="kaci") == [1003, 1002, 1001]
    assert await _numbers(shop, staff, search=dear.sku.lower()) == [1003, 1002]
    assert await _numbers(shop, staff, search="%") == []


async def test_references_of_other_domains_are_not_resolved_here(shop: Shopping) -> None:
    reference = [{"__typename": "ProductVariant", "id": str(shop.goods().id)}]
    query = "query($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
    response = await shop.running.execute(query, {"r": reference})
    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]


async def test_the_wilayas_are_58(shop: Shopping) -> None:
    found = (await shop.running.data("{ wilayas { code name { ar fr en } } }"))["wilayas"]
    assert [entry["code"] for entry in found] == [f"{number:02}" for number in range(1, 59)]
    assert found[15] == {"code": "16", "name": {"ar": "الجزائر", "fr": "Alger", "en": "Algiers"}}
