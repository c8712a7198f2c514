"""From a cart to an order."""

from __future__ import annotations

import asyncio

from subgraphs.kit.money import Money
from tests.subgraphs.orders.graph_peer import Hold
from tests.subgraphs.orders.shopping import ADDRESS, CHECKOUT, Shopping
from tests.support.statements import recorded_statements


async def test_an_order_is_a_snapshot_of_what_was_agreed(shop: Shopping) -> None:
    customer = shop.running.customer()
    coat, rug = shop.goods(price_minor=1_250_050), shop.goods(price_minor=99)
    order = await shop.buy(customer, (coat, 2), (rug, 3))
    assert (order["number"], order["status"]) == (1001, "PLACED")
    assert order["total"] == {"amountMinor": str(2 * 1_250_050 + 3 * 99), "currency": "DZD"}
    assert [line["total"]["amountMinor"] for line in order["lines"]] == ["2500100", "297"]
    assert order["lines"][0]["productName"] == {"ar": "قشابية", "fr": "Kachabia", "en": "Kachabia"}
    assert order["lines"][0]["variant"] == {"id": str(coat.id)}
    assert order["address"] == {
        "recipient": "Nadia Kaci",
        "phone": "+213550123456",
        "street": "12, rue Didouche Mourad",
        "town": "Alger-Centre",
        "postalCode": "16000",
        "wilaya": {"code": "16", "name": {"fr": "Alger"}},
    }
    orthogonal = ("authorizeStatus", "chargeStatus", "fulfillmentStatus", "paymentMethod")
    assert [order[name] for name in orthogonal] == ["NONE", "NOT_CHARGED", "UNFULFILLED", "CASH_ON_DELIVERY"]
    assert order["customer"] == {"id": str(customer.viewer.user_id)}
    assert [entry["type"] for entry in order["events"]] == ["REQUESTED", "PLACED"]
    assert await shop.event_types(order["id"]) == ["order.requested", "order.placed"]
    coat.price, coat.sku = Money(1), "RENAMED"
    assert (await shop.order(order["id"], customer))["lines"] == order["lines"]


async def test_stock_is_asked_for_by_the_service_for_the_seller(shop: Shopping) -> None:
    customer = shop.running.customer()
    await shop.buy(customer, (shop.goods(), 1))
    assert shop.peer.calls == ["variants", "variants", "stockReserve", "stockCommit"]
    browsing, reserving = shop.peer.tokens[0], shop.peer.tokens[2]
    assert (browsing["sub"], browsing["org"], browsing["permissions"]) == ("orders", None, [])
    assert reserving["permissions"] == ["internal"]
    assert (reserving["user"], reserving["org"]) == (str(customer.viewer.user_id), str(shop.seller))
    assert await shop.states() == [("PLACED", "COMMITTED")]


async def test_a_repeated_checkout_gives_the_same_order_and_another_body_a_conflict(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    cart = await shop.fill_cart(customer, (goods, 1))
    first = await shop.check_out(customer, cart)
    goods.price = Money(999)
    assert await shop.check_out(customer, cart) == first
    other = await shop.check_out(customer, cart, address={**ADDRESS, "town": "Hydra"})
    assert [error["code"] for error in other["userErrors"]] == ["IDEMPOTENCY_CONFLICT"]
    new_key = await shop.check_out(customer, cart, idempotencyKey="another")
    assert [error["code"] for error in new_key["userErrors"]] == ["CART_CHECKED_OUT"]
    assert await shop.states() == [("PLACED", "COMMITTED")]


async def test_ten_identical_checkouts_at_once_make_one_order(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods(on_hand=10)
    given = shop.checkout_input(await shop.fill_cart(customer, (goods, 1)))
    answers = await asyncio.gather(
        *(shop.running.data(CHECKOUT, {"input": given}, customer) for _ in range(10))
    )
    assert {answer["checkout"]["order"]["number"] for answer in answers} == {1001}
    assert await shop.states() == [("PLACED", "COMMITTED")]
    assert shop.peer.free(goods) == 9


async def test_ten_checkouts_of_one_cart_under_different_keys_make_one_order(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    cart = await shop.fill_cart(customer, (goods, 1))
    answers = await asyncio.gather(
        *(shop.check_out(customer, cart, idempotencyKey=f"key-{index}") for index in range(10))
    )
    codes = sorted(error["code"] for answer in answers for error in answer["userErrors"])
    assert codes == ["CART_CHECKED_OUT"] * 9
    assert await shop.states() == [("PLACED", "COMMITTED")]


async def test_a_changed_price_is_refused_and_the_cart_shows_the_new_one(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods(price_minor=1000)
    cart = await shop.fill_cart(customer, (goods, 2))
    goods.price = Money(1100)
    refused = await shop.check_out(customer, cart)
    assert refused["order"] is None
    assert [(error["code"], error["variantId"]) for error in refused["userErrors"]] == [
        ("PRICE_CHANGED", str(goods.id))
    ]
    assert await shop.states() == []
    query = "query($id: ID!) { cart(id: $id) { total { amountMinor } status } }"
    seen = (await shop.running.data(query, {"id": cart["cart"]["id"]}, customer))["cart"]
    assert seen == {"total": {"amountMinor": "2200"}, "status": "OPEN"}
    accepted = await shop.check_out(customer, cart, acceptedTotal={"amountMinor": "2200"})
    assert accepted["order"]["total"]["amountMinor"] == "2200"


async def test_a_total_the_customer_did_not_see_is_refused(shop: Shopping) -> None:
    customer = shop.running.customer()
    cart = await shop.fill_cart(customer, (shop.goods(price_minor=1000), 1))
    refused = await shop.check_out(customer, cart, acceptedTotal={"amountMinor": "999"})
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
        ("PRICE_CHANGED", ["input", "acceptedTotal"])
    ]
    foreign = await shop.check_out(customer, cart, acceptedTotal={"amountMinor": "1000", "currency": "EUR"})
    assert [error["code"] for error in foreign["userErrors"]] == ["INVALID_INPUT"]


async def test_want_of_stock_rejects_the_order_names_the_variant_and_opens_the_cart(shop: Shopping) -> None:
    customer, rare, plenty = shop.running.customer(), shop.goods(on_hand=1), shop.goods()
    cart = await shop.fill_cart(customer, (plenty, 1), (rare, 2))
    refused = await shop.check_out(customer, cart)
    assert refused["order"] is None
    assert [(error["code"], error["variantId"]) for error in refused["userErrors"]] == [
        ("INSUFFICIENT_STOCK", str(rare.id))
    ]
    assert await shop.states() == [("REJECTED", "NONE")]
    assert shop.peer.free(plenty) == 10
    # The refusal is what this key led to; a new attempt takes a new key.
    rare.on_hand = 2
    assert await shop.check_out(customer, cart) == refused
    assert (await shop.check_out(customer, cart, idempotencyKey="again"))["order"]["status"] == "PLACED"
    # A rejected checkout uses no number up.
    assert [row[0] for row in await shop.rows("SELECT number FROM orders ORDER BY id")] == [None, 1001]


async def test_fifty_buyers_of_the_last_unit_make_one_order(shop: Shopping) -> None:
    goods = shop.goods(on_hand=1)
    buyers = [shop.running.customer() for _ in range(50)]
    carts = [await shop.fill_cart(buyer, (goods, 1)) for buyer in buyers]
    answers = await asyncio.gather(
        *(shop.check_out(buyer, cart) for buyer, cart in zip(buyers, carts, strict=True))
    )
    placed = [answer["order"] for answer in answers if answer["order"] is not None]
    assert [order["status"] for order in placed] == ["PLACED"]
    codes = [error["code"] for answer in answers for error in answer["userErrors"]]
    assert codes == ["INSUFFICIENT_STOCK"] * 49
    assert sorted(await shop.states()) == [("PLACED", "COMMITTED")] + [("REJECTED", "NONE")] * 49
    assert [held.hold for held in shop.peer.held.values()] == [Hold.COMMITTED]


async def test_orders_of_one_organization_have_different_numbers(shop: Shopping) -> None:
    goods = shop.goods(on_hand=100)
    buyers = [shop.running.customer() for _ in range(20)]
    orders = await asyncio.gather(*(shop.buy(buyer, (goods, 1)) for buyer in buyers))
    assert sorted(order["number"] for order in orders) == list(range(1001, 1021))
    other = shop.peer.sell(shop.running.customer().viewer.user_id or shop.seller, 100, 5)
    assert (await shop.buy(buyers[0], (other, 1)))["number"] == 1001


async def test_a_bad_address_is_refused_field_by_field(shop: Shopping) -> None:
    customer = shop.running.customer()
    cart = await shop.fill_cart(customer, (shop.goods(), 1))
    address = {**ADDRESS, "recipient": " ", "phone": "12", "wilayaCode": "59", "postalCode": "160"}
    refused = await shop.check_out(customer, cart, address=address)
    assert [(error["code"], error["field"][-1]) for error in refused["userErrors"]] == [
        ("INVALID_INPUT", "recipient"),
        ("INVALID_INPUT", "phone"),
        ("INVALID_INPUT", "wilayaCode"),
        ("INVALID_INPUT", "postalCode"),
    ]
    assert await shop.states() == []


async def test_what_is_no_longer_for_sale_cannot_be_checked_out(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    cart = await shop.fill_cart(customer, (goods, 1))
    goods.is_purchasable = False
    refused = await shop.check_out(customer, cart)
    assert [(error["code"], error["variantId"]) for error in refused["userErrors"]] == [
        ("NOT_PURCHASABLE", str(goods.id))
    ]


async def test_an_empty_cart_cannot_be_checked_out(shop: Shopping) -> None:
    customer = shop.running.customer()
    refused = await shop.check_out(customer, await shop.fill_cart(customer))
    assert [error["code"] for error in refused["userErrors"]] == ["CART_EMPTY"]


async def test_a_checkout_costs_a_bounded_number_of_statements(shop: Shopping) -> None:
    customer = shop.running.customer()
    cart = await shop.fill_cart(customer, *((shop.goods(), 1) for _ in range(10)))
    given = shop.checkout_input(cart)
    query = "mutation($input: CheckoutInput!) { checkout(input: $input) { order { id number } } }"
    with recorded_statements(shop.running.app.database.engine) as statements:
        await shop.running.data(query, {"input": given}, customer)
    assert len(statements) <= 25, statements
