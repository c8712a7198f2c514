"""Parcels: never more of a line than was ordered."""

from __future__ import annotations

import asyncio
from typing import Any

from subgraphs.orders.jobs import run_reconciliation
from subgraphs.orders.service.reconcile_checkouts import Reconciled
from tests.subgraphs.orders.shopping import Shopping
from tests.support.subgraph import Caller

PARCEL = """
fulfillment { id status version nextStates trackingNumber lines { quantity orderLine { sku } } }
order { status fulfillmentStatus lines { id fulfilledQuantity } }
"""


async def _confirmed(shop: Shopping, staff: Caller, *counts: int) -> dict[str, Any]:
    order = await shop.buy(shop.running.customer(), *((shop.goods(), count) for count in counts))
    given = {"orderId": order["id"]}
    payload = await shop.call("orderConfirm", "OrderReferenceInput", given, staff, "order { status }")
    assert payload["order"] == {"status": "CONFIRMED"}
    return order


async def _make(
    shop: Shopping, staff: Caller, order: dict[str, Any], key: str, **more: Any
) -> dict[str, Any]:
    given = {"orderId": order["id"], "idempotencyKey": key, **more}
    return await shop.call("fulfillmentCreate", "FulfillmentCreateInput", given, staff, PARCEL)


async def _move(
    shop: Shopping, staff: Caller, parcel: dict[str, Any], status: str, **more: Any
) -> dict[str, Any]:
    given = {"fulfillmentId": parcel["id"], "status": status, **more}
    return await shop.call("fulfillmentMove", "FulfillmentMoveInput", given, staff, PARCEL)


def _codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_an_order_goes_out_in_two_parcels_and_is_completed(shop: Shopping) -> None:
    staff = shop.staff()
    order = await _confirmed(shop, staff, 3, 1)
    first_line = order["lines"][0]["id"]
    some = await _make(shop, staff, order, "one", lines=[{"lineId": first_line, "quantity": 2}])
    assert some["order"]["fulfillmentStatus"] == "PARTIALLY_FULFILLED"
    rest = await _make(shop, staff, order, "two", trackingNumber="YAL-1", carrier="Yalidine")
    assert rest["order"]["fulfillmentStatus"] == "FULFILLED"
    assert [line["quantity"] for line in rest["fulfillment"]["lines"]] == [1, 1]
    given = {"orderId": order["id"]}
    early = await shop.call("orderComplete", "OrderReferenceInput", given, staff, "order { id }")
    assert _codes(early) == ["NOT_FULFILLED"]
    steps = []
    for parcel in (some["fulfillment"], rest["fulfillment"]):
        assert (await _move(shop, staff, parcel, "SHIPPED"))["fulfillment"]["nextStates"] == ["DELIVERED"]
        steps += await shop.states()
        assert (await _move(shop, staff, parcel, "DELIVERED"))["fulfillment"]["nextStates"] == []
    # The stock is booked out with the last parcel, as a whole.
    assert steps == [("CONFIRMED", "COMMITTED"), ("CONFIRMED", "SHIPPED")]
    assert sorted(goods.on_hand for goods in shop.peer.goods.values()) == [7, 9]
    done = await shop.call(
        "orderComplete", "OrderReferenceInput", given, staff, "order { status chargeStatus }"
    )
    assert done["order"] == {"status": "COMPLETED", "chargeStatus": "NOT_CHARGED"}
    types = await shop.event_types(order["id"])
    assert types.count("order.fulfilled") == 1
    assert types[-1] == "order.completed"


async def test_a_booking_whose_answer_was_lost_is_made_once_by_the_job(shop: Shopping) -> None:
    staff = shop.staff()
    order = await _confirmed(shop, staff, 2)
    parcel = (await _make(shop, staff, order, "one"))["fulfillment"]
    shop.peer.break_down("stockShip", acted=True)
    assert (await _move(shop, staff, parcel, "SHIPPED"))["fulfillment"]["status"] == "SHIPPED"
    assert await shop.states() == [("CONFIRMED", "SHIPPING")]
    shop.clock.advance(minutes=1)
    assert await run_reconciliation(shop.running.app) == Reconciled(shipped=1)
    assert await shop.states() == [("CONFIRMED", "SHIPPED")]
    assert [goods.on_hand for goods in shop.peer.goods.values()] == [8]


async def test_ten_parcels_at_once_never_hold_more_than_was_ordered(shop: Shopping) -> None:
    staff = shop.staff()
    order = await _confirmed(shop, staff, 4)
    lines = [{"lineId": order["lines"][0]["id"], "quantity": 1}]
    answers = await asyncio.gather(
        *(_make(shop, staff, order, f"key-{index}", lines=lines) for index in range(10))
    )
    assert sorted(code for answer in answers for code in _codes(answer)) == ["ALREADY_FULFILLED"] * 6
    held = await shop.rows(
        "SELECT l.fulfilled_quantity, sum(f.quantity) FROM order_lines l"
        " JOIN fulfillment_lines f ON f.order_line_id = l.id GROUP BY l.id"
    )
    assert [tuple(row) for row in held] == [(4, 4)]
    assert await shop.rows("SELECT count(*) FROM fulfillments") == [(4,)]


async def test_a_repeated_request_makes_one_parcel(shop: Shopping) -> None:
    staff = shop.staff()
    order = await _confirmed(shop, staff, 4)
    lines = [{"lineId": order["lines"][0]["id"], "quantity": 1}]
    first = await _make(shop, staff, order, "same", lines=lines)
    assert await _make(shop, staff, order, "same", lines=lines) == first
    other = await _make(shop, staff, order, "same")
    assert _codes(other) == ["IDEMPOTENCY_CONFLICT"]


async def test_a_cancelled_parcel_gives_its_pieces_back(shop: Shopping) -> None:
    staff = shop.staff()
    order = await _confirmed(shop, staff, 2)
    parcel = (await _make(shop, staff, order, "one"))["fulfillment"]
    refused = await shop.call(
        "orderCancel",
        "OrderCancelInput",
        {"orderId": order["id"], "idempotencyKey": "x"},
        staff,
        "order { id }",
    )
    assert _codes(refused) == ["ALREADY_FULFILLED"]
    undone = await _move(shop, staff, parcel, "CANCELLED")
    assert undone["order"]["fulfillmentStatus"] == "UNFULFILLED"
    assert [line["fulfilledQuantity"] for line in undone["order"]["lines"]] == [0]
    assert _codes(await _move(shop, staff, parcel, "SHIPPED")) == ["ILLEGAL_TRANSITION"]
    cancelled = await shop.call(
        "orderCancel",
        "OrderCancelInput",
        {"orderId": order["id"], "idempotencyKey": "x"},
        staff,
        "order { status }",
    )
    assert cancelled["order"] == {"status": "CANCELLED"}


async def test_ten_cancels_of_one_parcel_give_its_pieces_back_once(shop: Shopping) -> None:
    staff = shop.staff()
    order = await _confirmed(shop, staff, 2)
    parcel = (await _make(shop, staff, order, "one"))["fulfillment"]
    answers = await asyncio.gather(*(_move(shop, staff, parcel, "CANCELLED") for _ in range(10)))
    assert sorted(code for answer in answers for code in _codes(answer)) == ["ILLEGAL_TRANSITION"] * 9
    assert await shop.rows("SELECT fulfilled_quantity FROM order_lines") == [(0,)]


async def test_parcels_are_made_of_confirmed_orders_of_ones_own_shop(shop: Shopping) -> None:
    staff = shop.staff()
    placed = await shop.buy(shop.running.customer(), (shop.goods(), 1))
    assert _codes(await _make(shop, staff, placed, "one")) == ["ILLEGAL_TRANSITION"]
    confirmed = await _confirmed(shop, staff, 1)
    rival = shop.running.user(permissions=["orders:read", "orders:write"])
    assert _codes(await _make(shop, rival, confirmed, "one")) == ["NOT_FOUND"]
    parcel = (await _make(shop, staff, confirmed, "one"))["fulfillment"]
    assert _codes(await _move(shop, rival, parcel, "SHIPPED")) == ["NOT_FOUND"]
    stale = await _move(shop, staff, parcel, "SHIPPED", expectedVersion=parcel["version"] + 1)
    assert _codes(stale) == ["CONFLICT"]


async def test_an_order_is_not_taken_on_before_its_stock_is_allocated(shop: Shopping) -> None:
    shop.peer.break_down("stockCommit", acted=False)
    order = await shop.buy(shop.running.customer(), (shop.goods(), 1))
    given = {"orderId": order["id"]}
    early = await shop.call("orderConfirm", "OrderReferenceInput", given, shop.staff(), "order { id }")
    assert _codes(early) == ["STOCK_NOT_COMMITTED"]
