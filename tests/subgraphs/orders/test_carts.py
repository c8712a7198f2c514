"""Carts of users and guests."""

from __future__ import annotations

import asyncio
from typing import Any

from subgraphs.kit.ids import new_id
from subgraphs.orders.jobs import run_cart_purge
from tests.subgraphs.orders.graph_peer import Goods
from tests.subgraphs.orders.shopping import CART, Shopping
from tests.support.subgraph import Caller

CART_BY_ID = f"query($id: ID!, $secret: String) {{ cart(id: $id, secret: $secret) {{ {CART} }} }}"


async def _see(shop: Shopping, cart_id: str, caller: Caller | None, secret: str | None = None) -> Any:
    return (await shop.running.data(CART_BY_ID, {"id": cart_id, "secret": secret}, caller))["cart"]


async def _add(
    shop: Shopping, caller: Caller | None, cart: dict[str, Any], goods: Goods, quantity: int, **more: Any
) -> dict[str, Any]:
    given = {"cartId": cart["id"], "variantId": str(goods.id), "quantity": quantity, **more}
    return await shop.call("cartLineAdd", "CartLineAddInput", given, caller, f"cart {{ {CART} }}")


def _codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_lines_are_added_changed_and_removed(shop: Shopping) -> None:
    customer, coat, rug = shop.running.customer(), shop.goods(1000), shop.goods(30)
    cart = (await shop.fill_cart(customer))["cart"]
    cart = (await _add(shop, customer, cart, coat, 2))["cart"]
    cart = (await _add(shop, customer, cart, rug, 1))["cart"]
    cart = (await _add(shop, customer, cart, coat, 1))["cart"]
    assert [line["quantity"] for line in cart["lines"]] == [3, 1]
    assert (cart["itemCount"], cart["total"]) == (4, {"amountMinor": "3030", "currency": "DZD"})
    first, second = (line["id"] for line in cart["lines"])
    given = {"cartId": cart["id"], "lineId": first, "quantity": 5, "expectedVersion": cart["version"]}
    changed = await shop.call("cartLineUpdate", "CartLineUpdateInput", given, customer, f"cart {{ {CART} }}")
    assert changed["cart"]["total"]["amountMinor"] == "5030"
    stale = await shop.call("cartLineUpdate", "CartLineUpdateInput", given, customer, "cart { id }")
    assert (_codes(stale), stale["cart"]) == (["CONFLICT"], None)
    given = {"cartId": cart["id"], "lineId": second}
    removed = await shop.call("cartLineRemove", "CartLineRemoveInput", given, customer, f"cart {{ {CART} }}")
    assert [line["id"] for line in removed["cart"]["lines"]] == [first]


async def test_ten_additions_at_once_are_all_counted(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    cart = (await shop.fill_cart(customer))["cart"]
    await asyncio.gather(*(_add(shop, customer, cart, goods, 1) for _ in range(10)))
    seen = await _see(shop, cart["id"], customer)
    assert [line["quantity"] for line in seen["lines"]] == [10]
    assert seen["version"] == cart["version"] + 10


async def test_a_cart_buys_from_one_seller(shop: Shopping) -> None:
    customer, mine = shop.running.customer(), shop.goods()
    theirs = shop.peer.sell(new_id(), 100, 5)
    cart = (await shop.fill_cart(customer, (mine, 1)))["cart"]
    refused = await _add(shop, customer, cart, theirs, 1)
    assert [(error["code"], error["variantId"]) for error in refused["userErrors"]] == [
        ("DIFFERENT_SELLER", str(theirs.id))
    ]
    given = {"cartId": cart["id"], "lineId": cart["lines"][0]["id"]}
    await shop.call("cartLineRemove", "CartLineRemoveInput", given, customer, "cart { id }")
    assert _codes(await _add(shop, customer, cart, theirs, 1)) == []


async def test_what_is_not_for_sale_does_not_go_into_a_cart(shop: Shopping) -> None:
    customer, hidden = shop.running.customer(), shop.goods(is_purchasable=False)
    unknown = Goods(shop.seller, "GONE", hidden.price, 0)
    cart = (await shop.fill_cart(customer))["cart"]
    for goods in (hidden, unknown):
        assert _codes(await _add(shop, customer, cart, goods, 1)) == ["NOT_PURCHASABLE"]
    assert (await _see(shop, cart["id"], customer))["lines"] == []


async def test_quantities_have_bounds(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    cart = (await shop.fill_cart(customer, (goods, 9_999)))["cart"]
    for quantity in (0, -1, 10_001, 2):
        assert _codes(await _add(shop, customer, cart, goods, quantity)) == ["INVALID_INPUT"]
    assert (await _see(shop, cart["id"], customer))["itemCount"] == 9_999


async def test_a_guests_cart_opens_by_its_secret_alone(shop: Shopping) -> None:
    goods, stranger = shop.goods(), shop.running.customer()
    created = await shop.fill_cart(None, (goods, 1))
    cart, secret = created["cart"], created["secret"]
    assert len(secret) >= 40
    for caller in (None, stranger, shop.staff()):
        assert await _see(shop, cart["id"], caller) is None
        assert await _see(shop, cart["id"], caller, "guessed") is None
        assert _codes(await _add(shop, caller, cart, goods, 1, secret="guessed")) == ["NOT_FOUND"]
    assert (await _see(shop, cart["id"], None, secret))["itemCount"] == 1
    assert _codes(await _add(shop, None, cart, goods, 1, secret=secret)) == []
    kept = await shop.rows("SELECT secret_hash FROM carts")
    assert secret.encode() not in kept[0][0]


async def test_a_users_cart_opens_to_nobody_else(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    created = await shop.fill_cart(customer, (goods, 1))
    assert created["secret"] is None
    service = shop.running.service("payments", on_behalf_of=customer.viewer)
    for caller in (None, shop.running.customer(), shop.staff(), service):
        assert await _see(shop, created["cart"]["id"], caller) is None
        assert _codes(await shop.check_out(caller, created)) == ["NOT_FOUND"]
    assert (await _see(shop, created["cart"]["id"], customer))["itemCount"] == 1


async def test_a_guest_buys_and_finds_the_order_by_the_secret(shop: Shopping) -> None:
    created = await shop.fill_cart(None, (shop.goods(), 1))
    order = (await shop.check_out(None, created))["order"]
    assert (order["status"], order["customer"]) == ("PLACED", None)
    assert await shop.order(order["id"], None) is None
    assert await shop.order(order["id"], None, "guessed") is None
    assert (await shop.order(order["id"], None, created["secret"]))["number"] == order["number"]


async def test_guests_do_not_share_idempotency_keys(shop: Shopping) -> None:
    goods = shop.goods()
    carts = [await shop.fill_cart(None, (goods, 1)) for _ in range(2)]
    orders = [(await shop.check_out(None, cart, idempotencyKey="1"))["order"] for cart in carts]
    assert [order["number"] for order in orders] == [1001, 1002]


async def test_a_guest_who_signs_in_takes_the_cart_along(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    created = await shop.fill_cart(None, (goods, 2))
    cart_id, secret = created["cart"]["id"], created["secret"]
    given = {"cartId": cart_id, "secret": secret}
    claimed = await shop.call("cartClaim", "CartClaimInput", given, customer, "cart { itemCount }")
    assert claimed["cart"] == {"itemCount": 2}
    assert await _see(shop, cart_id, None, secret) is None
    assert (await _see(shop, cart_id, customer))["itemCount"] == 2
    again = await shop.call("cartClaim", "CartClaimInput", given, shop.running.customer(), "cart { id }")
    assert _codes(again) == ["NOT_FOUND"]


async def test_a_cart_expires_and_is_cleared_away(shop: Shopping) -> None:
    goods = shop.goods()
    created = await shop.fill_cart(None, (goods, 1))
    cart, secret = created["cart"], created["secret"]
    shop.clock.advance(days=6)
    assert _codes(await _add(shop, None, cart, goods, 1, secret=secret)) == []
    shop.clock.advance(days=6)
    # Touched in time, so it still lives, and nothing is cleared away.
    assert await run_cart_purge(shop.running.app) == 0
    shop.clock.advance(days=2)
    assert await _see(shop, cart["id"], None, secret) is None
    assert _codes(await _add(shop, None, cart, goods, 1, secret=secret)) == ["CART_EXPIRED"]
    assert await run_cart_purge(shop.running.app) == 1
    assert await shop.rows("SELECT id FROM cart_lines") == []


async def test_a_cart_that_became_an_order_is_closed_and_names_it(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    created = await shop.fill_cart(customer, (goods, 1))
    order = (await shop.check_out(customer, created))["order"]
    assert _codes(await _add(shop, customer, created["cart"], goods, 1)) == ["CART_CHECKED_OUT"]
    query = "query($id: ID!) { cart(id: $id) { status order { id number } } }"
    seen = (await shop.running.data(query, {"id": created["cart"]["id"]}, customer))["cart"]
    assert seen == {"status": "CHECKED_OUT", "order": {"id": order["id"], "number": 1001}}
