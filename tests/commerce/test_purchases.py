"""Buying, over all four domains and the real router."""

from __future__ import annotations

import asyncio

from tests.commerce.shopkeeping import ADDRESS, CART, COMPLETE, CONFIRM, MOVE, PACK, Shop


async def test_a_purchase_takes_the_stock_and_tells_every_domain(shop: Shop) -> None:
    customer = shop.platform.customer()
    coat, rug = await shop.sell(2, price_minor=199_999, on_hand=5)
    order = await shop.buy(customer, (coat, 2), (rug, 1))
    assert (order["status"], order["number"]) == ("PLACED", 1001)
    assert order["total"] == {"amountMinor": str(3 * 199_999)}
    assert [await shop.available(each) for each in (coat, rug)] == [3, 4]
    assert await shop.orders() == [("PLACED", "COMMITTED")]
    assert await shop.reservations() == ["committed"]
    assert await shop.held() == (0, 3)
    told = await shop.rows("orders", "SELECT type FROM outbox_events ORDER BY sequence")
    assert told == [("order.requested",), ("order.placed",)]
    told = await shop.rows(
        "inventory", "SELECT type FROM outbox_events WHERE type LIKE 'stock.%' ORDER BY sequence"
    )
    assert told[-2:] == [("stock.reserved",), ("stock.committed",)]


async def test_fifty_buyers_of_the_last_unit_make_one_order(shop: Shop) -> None:
    [goods] = await shop.sell(1, on_hand=1)
    buyers = [shop.platform.customer() for _ in range(50)]
    carts = [await shop.fill_cart(buyer, (goods, 1)) for buyer in buyers]
    answers = await asyncio.gather(
        *(shop.check_out(buyer, cart) for buyer, cart in zip(buyers, carts, strict=True))
    )
    placed = [answer["order"]["status"] for answer in answers if answer["order"] is not None]
    refused = [(error["code"], error["variantId"]) for answer in answers for error in answer["userErrors"]]
    assert placed == ["PLACED"]
    assert refused == [("INSUFFICIENT_STOCK", goods.variant_id)] * 49
    assert await shop.orders() == [("PLACED", "COMMITTED")] + [("REJECTED", "NONE")] * 49
    assert await shop.reservations() == ["committed"]
    assert await shop.held() == (0, 1)
    assert await shop.available(goods) == 0


async def test_thirty_buyers_of_two_scarce_things_in_any_order_never_oversell(shop: Shop) -> None:
    coat, rug = await shop.sell(2, on_hand=7)
    buyers = [shop.platform.customer() for _ in range(30)]
    carts = [
        await shop.fill_cart(buyer, *(((coat, 1), (rug, 1)) if index % 2 else ((rug, 1), (coat, 1))))
        for index, buyer in enumerate(buyers)
    ]
    answers = await asyncio.gather(
        *(shop.check_out(buyer, cart) for buyer, cart in zip(buyers, carts, strict=True))
    )
    assert sum(answer["order"] is not None for answer in answers) == 7
    assert await shop.orders() == [("PLACED", "COMMITTED")] * 7 + [("REJECTED", "NONE")] * 23
    assert await shop.held() == (0, 14)


async def test_a_repeated_checkout_is_the_same_order_and_another_body_a_conflict(shop: Shop) -> None:
    customer, [goods] = shop.platform.customer(), await shop.sell(1)
    cart = await shop.fill_cart(customer, (goods, 2))
    first = await shop.check_out(customer, cart)
    await shop.set_price(goods, 1)
    assert await shop.check_out(customer, cart) == first
    other = await shop.check_out(customer, cart, address={**ADDRESS, "town": "Es Sénia"})
    assert [error["code"] for error in other["userErrors"]] == ["IDEMPOTENCY_CONFLICT"]
    assert await shop.orders() == [("PLACED", "COMMITTED")]
    assert await shop.available(goods) == 8


async def test_a_price_that_changed_after_the_cart_is_refused(shop: Shop) -> None:
    customer, [goods] = shop.platform.customer(), await shop.sell(1, price_minor=1000)
    cart = await shop.fill_cart(customer, (goods, 3))
    await shop.set_price(goods, 1100)
    refused = await shop.check_out(customer, cart)
    assert [(error["code"], error["variantId"]) for error in refused["userErrors"]] == [
        ("PRICE_CHANGED", goods.variant_id)
    ]
    assert (await shop.orders(), await shop.reservations()) == ([], [])
    accepted = await shop.check_out(customer, cart, acceptedTotal={"amountMinor": "3300"})
    assert accepted["order"]["total"] == {"amountMinor": "3300"}


async def test_an_unpublished_product_leaves_the_carts_it_is_in_unbuyable(shop: Shop) -> None:
    customer, [goods] = shop.platform.customer(), await shop.sell(1)
    cart = await shop.fill_cart(customer, (goods, 1))
    unpublish = "mutation($id: ID!) { productUnpublish(id: $id) { userErrors { code } } }"
    payload = (await shop.platform.data(unpublish, {"id": goods.product_id}, shop.staff))["productUnpublish"]
    assert payload == {"userErrors": []}
    refused = await shop.check_out(customer, cart)
    assert [error["code"] for error in refused["userErrors"]] == ["NOT_PURCHASABLE"]
    # Its own staff see the draft, yet cannot buy it either.
    given = {"lines": [{"variantId": goods.variant_id}]}
    own = (await shop.platform.data(CART, {"input": given}, shop.staff))["cartCreate"]
    assert [error["code"] for error in own["userErrors"]] == ["NOT_PURCHASABLE"]


async def test_twenty_cancels_at_once_release_once(shop: Shop) -> None:
    customer, [goods] = shop.platform.customer(), await shop.sell(1, on_hand=5)
    order = await shop.buy(customer, (goods, 4))
    answers = await asyncio.gather(
        *(shop.cancel(customer, order["id"], f"cancel-{index}") for index in range(20))
    )
    codes = sorted(error["code"] for answer in answers for error in answer["userErrors"])
    assert codes == ["ILLEGAL_TRANSITION"] * 19
    assert await shop.orders() == [("CANCELLED", "RELEASED")]
    assert (await shop.available(goods), await shop.held()) == (5, (0, 0))
    released = await shop.rows("inventory", "SELECT type FROM outbox_events WHERE type = 'stock.released'")
    assert released == [("stock.released",)]


async def test_goods_leave_the_warehouse_with_the_last_parcel(shop: Shop) -> None:
    customer, [goods] = shop.platform.customer(), await shop.sell(1, on_hand=5)
    order = {"orderId": (await shop.buy(customer, (goods, 3)))["id"]}
    await shop.platform.change(CONFIRM, order, shop.staff)
    packed = await shop.platform.change(PACK, {**order, "idempotencyKey": "pack"}, shop.staff)
    for status in ("SHIPPED", "DELIVERED"):
        given = {"fulfillmentId": packed["fulfillment"]["id"], "status": status}
        await shop.platform.change(MOVE, given, shop.staff)
    completed = await shop.platform.change(COMPLETE, order, shop.staff)
    assert completed["order"] == {"status": "COMPLETED"}
    assert await shop.rows("inventory", "SELECT sum(on_hand) FROM stock_levels") == [(2,)]
    assert (await shop.available(goods), await shop.held()) == (2, (0, 0))
    assert await shop.reservations() == ["shipped"]


async def test_a_guest_buys_and_sees_the_order_by_the_secret(shop: Shop) -> None:
    [goods] = await shop.sell(1)
    cart = await shop.fill_cart(None, (goods, 1))
    order = (await shop.check_out(None, cart))["order"]
    query = "query($id: ID!, $secret: String) { order(id: $id, secret: $secret) { number } }"
    assert (await shop.platform.data(query, {"id": order["id"]}))["order"] is None
    seen = await shop.platform.data(query, {"id": order["id"], "secret": cart["secret"]})
    assert seen["order"] == {"number": order["number"]}


async def test_a_purchase_costs_a_bounded_number_of_statements(shop: Shop) -> None:
    customer, goods = shop.platform.customer(), await shop.sell(2)
    with shop.platform.recorded_statements() as logs:
        await shop.buy(customer, *((each, 1) for each in goods))
    counts = {domain: len(log) for domain, log in logs.items()}
    assert sum(counts.values()) <= 60, counts
