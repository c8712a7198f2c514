"""Cancelling, and the state machine around it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from subgraphs.orders.states import DEAD, ORDER_MACHINE, Actor, OrderStatus
from tests.subgraphs.orders.shopping import CANCEL, Shopping
from tests.support.subgraph import Caller


async def _cancel(
    shop: Shopping, order: dict[str, Any], caller: Caller | None, **more: Any
) -> dict[str, Any]:
    given = {"orderId": order["id"], "idempotencyKey": "cancel", **more}
    return (await shop.running.data(CANCEL, {"input": given}, caller))["orderCancel"]


def _codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_a_customer_cancels_and_the_stock_is_back(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    order = await shop.buy(customer, (goods, 4))
    assert order["nextStates"] == ["CANCELLED"]
    readers = {
        shop.staff(): ["CONFIRMED", "CANCELLED"],
        shop.staff("orders:read"): [],
    }
    for reader, states in readers.items():
        assert (await shop.order(order["id"], reader))["nextStates"] == states
    cancelled = (await _cancel(shop, order, customer, reason="Trop tard"))["order"]
    assert (cancelled["status"], cancelled["nextStates"]) == ("CANCELLED", [])
    assert cancelled["events"][-1] == {"type": "CANCELLED", "actor": "CUSTOMER", "note": "Trop tard"}
    assert (shop.peer.free(goods), await shop.states()) == (10, [("CANCELLED", "RELEASED")])
    assert (await shop.event_types(order["id"]))[-1] == "order.cancelled"


async def test_twenty_cancels_at_once_release_once(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    order = await shop.buy(customer, (goods, 4))
    answers = await asyncio.gather(
        *(_cancel(shop, order, customer, idempotencyKey=f"cancel-{index}") for index in range(20))
    )
    assert sorted(code for answer in answers for code in _codes(answer)) == ["ILLEGAL_TRANSITION"] * 19
    assert (shop.peer.free(goods), shop.peer.releases) == (10, 1)
    assert (await shop.event_types(order["id"])).count("order.cancelled") == 1


async def test_twenty_cancels_under_one_key_all_hear_the_same(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    order = await shop.buy(customer, (goods, 4))
    answers = await asyncio.gather(*(_cancel(shop, order, customer) for _ in range(20)))
    assert all(answer["order"]["status"] == "CANCELLED" for answer in answers)
    assert shop.peer.releases == 1
    other_body = await _cancel(shop, order, customer, reason="another")
    assert _codes(other_body) == ["IDEMPOTENCY_CONFLICT"]


async def test_nobody_else_cancels_an_order(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    order = await shop.buy(customer, (goods, 1))
    everything = ["orders:read", "orders:write"]
    strangers = (None, shop.running.customer(), shop.running.user(permissions=everything))
    for stranger in strangers:
        assert _codes(await _cancel(shop, order, stranger)) == ["NOT_FOUND"]
    assert _codes(await _cancel(shop, order, shop.staff("orders:read"))) == ["NOT_ALLOWED"]
    assert await shop.states() == [("PLACED", "COMMITTED")]


async def test_a_guest_cancels_by_the_secret(shop: Shopping) -> None:
    cart = await shop.fill_cart(None, (shop.goods(), 1))
    order = (await shop.check_out(None, cart))["order"]
    assert _codes(await _cancel(shop, order, None, secret="guessed")) == ["NOT_FOUND"]
    assert _codes(await _cancel(shop, order, None)) == ["NOT_FOUND"]
    cancelled = await _cancel(shop, order, None, secret=cart["secret"])
    assert cancelled["order"]["status"] == "CANCELLED"


async def test_a_confirmed_order_is_cancelled_by_the_shop_only(shop: Shopping) -> None:
    customer, staff, goods = shop.running.customer(), shop.staff(), shop.goods()
    order = await shop.buy(customer, (goods, 1))
    given = {"orderId": order["id"], "expectedVersion": order["version"]}
    confirmed = await shop.call(
        "orderConfirm", "OrderReferenceInput", given, staff, "order { version nextStates }"
    )
    assert confirmed["order"]["nextStates"] == ["COMPLETED", "CANCELLED"]
    stale = await _cancel(shop, order, staff, expectedVersion=order["version"], idempotencyKey="stale")
    assert _codes(stale) == ["CONFLICT"]
    assert _codes(await _cancel(shop, order, customer)) == ["ILLEGAL_TRANSITION"]
    assert (await _cancel(shop, order, staff))["order"]["status"] == "CANCELLED"
    assert shop.peer.free(goods) == 10


async def test_a_cancel_while_the_commit_is_under_way_holds_nothing(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    shop.peer.break_down("stockCommit", acted=False)
    order = await shop.buy(customer, (goods, 2))
    assert await shop.states() == [("PLACED", "RESERVED")]
    assert (await _cancel(shop, order, customer))["order"]["status"] == "CANCELLED"
    assert (shop.peer.free(goods), await shop.states()) == (10, [("CANCELLED", "RELEASED")])


async def test_the_timeline_cannot_be_rewritten(shop: Shopping) -> None:
    await shop.buy(shop.running.customer(), (shop.goods(), 1))
    for statement in ("UPDATE order_events SET note = 'x'", "DELETE FROM order_events"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with shop.running.app.database.transaction() as session:
                await session.connection()
                await (await session.connection()).exec_driver_sql(statement)


def test_no_state_leads_out_of_a_dead_order() -> None:
    ended = (*DEAD, OrderStatus.COMPLETED)
    assert [ORDER_MACHINE.next_states(state, actor) for state in ended for actor in Actor] == [[]] * 12


def test_every_state_is_reached_from_pending() -> None:
    reached, waiting = {OrderStatus.PENDING}, [OrderStatus.PENDING]
    while waiting:
        state = waiting.pop()
        following = {after for before, after in ORDER_MACHINE.transitions if before is state} - reached
        reached |= following
        waiting.extend(following)
    assert reached == set(OrderStatus)
