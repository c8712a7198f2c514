"""A checkout that breaks off at any step ends consistent after the repair job."""

from __future__ import annotations

import asyncio

import pytest

from subgraphs.kit.jobs.declaration import JobContext
from subgraphs.kit.router_client import RouterUnreachableError
from subgraphs.orders.jobs import JOBS, run_reconciliation
from subgraphs.orders.service.reconcile_checkouts import Reconciled
from tests.subgraphs.orders.graph_peer import Goods, Hold
from tests.subgraphs.orders.shopping import CHECKOUT, Shopping


class KilledError(Exception):
    """The process ended here: nothing in the code expects it, so nothing cleans up after it."""


async def _break_off(shop: Shopping, operation: str, *, acted: bool, error: BaseException) -> Goods:
    """Runs a checkout of two pieces that fails at the call."""
    customer, goods = shop.running.customer(), shop.goods(on_hand=10)
    given = shop.checkout_input(await shop.fill_cart(customer, (goods, 2)))
    shop.peer.break_down(operation, acted=acted, error=error)
    await shop.running.execute(CHECKOUT, {"input": given}, customer)
    return goods


async def _repair(shop: Shopping) -> Reconciled:
    shop.clock.advance(minutes=3)
    return await run_reconciliation(shop.running.app)


@pytest.mark.parametrize("acted", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "error", [KilledError("-9"), RouterUnreachableError("reset")], ids=["killed", "cut off"]
)
async def test_broken_off_at_the_reservation_it_expires_and_gives_the_stock_back(
    shop: Shopping, acted: bool, error: BaseException
) -> None:
    goods = await _break_off(shop, "stockReserve", acted=acted, error=error)
    assert await shop.states() == [("PENDING", "RESERVING")]
    assert await _repair(shop) == Reconciled(expired=1, released=1)
    assert await shop.states() == [("EXPIRED", "RELEASED")]
    assert shop.peer.free(goods) == 10
    assert await shop.rows("SELECT status FROM carts") == [("OPEN",)]
    assert await _repair(shop) == Reconciled()


@pytest.mark.parametrize("acted", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "error", [KilledError("-9"), RouterUnreachableError("reset")], ids=["killed", "cut off"]
)
async def test_broken_off_at_the_commit_the_order_stands_and_gets_its_stock(
    shop: Shopping, acted: bool, error: BaseException
) -> None:
    goods = await _break_off(shop, "stockCommit", acted=acted, error=error)
    assert await shop.states() == [("PLACED", "RESERVED")]
    assert await _repair(shop) == Reconciled(committed=1)
    assert await shop.states() == [("PLACED", "COMMITTED")]
    assert [held.hold for held in shop.peer.held.values()] == [Hold.COMMITTED]
    assert shop.peer.free(goods) == 8


async def test_broken_off_before_anything_was_written_nothing_is_left(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    cart = await shop.fill_cart(customer, (goods, 1))
    shop.peer.break_down("variants", acted=True, error=KilledError("-9"))
    response = await shop.running.execute(CHECKOUT, {"input": shop.checkout_input(cart)}, customer)
    assert response["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert await shop.states() == []
    assert (await shop.check_out(customer, cart))["order"]["status"] == "PLACED"


async def test_a_request_cancelled_in_the_middle_is_repaired(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    given = shop.checkout_input(await shop.fill_cart(customer, (goods, 1)))
    shop.peer.break_down("stockReserve", acted=True, error=asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await shop.running.execute(CHECKOUT, {"input": given}, customer)
    assert await _repair(shop) == Reconciled(expired=1, released=1)
    assert shop.peer.free(goods) == 10


async def test_the_same_key_resumes_what_was_cut_off(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    cart = await shop.fill_cart(customer, (goods, 2))
    shop.peer.break_down("stockReserve", acted=True)
    cut_off = await shop.check_out(customer, cart)
    assert [error["code"] for error in cut_off["userErrors"]] == ["TRY_AGAIN"]
    resumed = await shop.check_out(customer, cart)
    assert resumed["order"]["status"] == "PLACED"
    assert await shop.states() == [("PLACED", "COMMITTED")]
    assert shop.peer.free(goods) == 8


async def test_the_same_key_after_the_repair_tells_that_it_was_given_up(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    cart = await shop.fill_cart(customer, (goods, 1))
    shop.peer.break_down("stockReserve", acted=True)
    await shop.check_out(customer, cart)
    await _repair(shop)
    late = await shop.check_out(customer, cart)
    assert [error["code"] for error in late["userErrors"]] == ["CHECKOUT_EXPIRED"]
    fresh = await shop.check_out(customer, cart, idempotencyKey="fresh")
    assert fresh["order"]["status"] == "PLACED"


async def test_a_lost_commit_leaves_the_customer_with_the_order(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    cart = await shop.fill_cart(customer, (goods, 1))
    shop.peer.break_down("stockCommit", acted=False)
    assert (await shop.check_out(customer, cart))["order"]["status"] == "PLACED"
    assert await shop.states() == [("PLACED", "RESERVED")]
    await _repair(shop)
    assert await shop.states() == [("PLACED", "COMMITTED")]


async def test_a_lapsed_reservation_is_made_anew(shop: Shopping) -> None:
    goods = await _break_off(shop, "stockCommit", acted=False, error=KilledError("-9"))
    for held in shop.peer.held.values():
        held.hold = Hold.LAPSED
    assert await _repair(shop) == Reconciled(committed=1)
    assert await shop.states() == [("PLACED", "COMMITTED")]
    assert shop.peer.free(goods) == 8


async def test_an_order_whose_stock_is_gone_meanwhile_is_cancelled(shop: Shopping) -> None:
    goods = await _break_off(shop, "stockCommit", acted=False, error=KilledError("-9"))
    for held in shop.peer.held.values():
        held.hold = Hold.LAPSED
    goods.on_hand = 1
    assert await _repair(shop) == Reconciled(cancelled=1)
    assert await shop.states() == [("CANCELLED", "NONE")]
    order_id, reason = (await shop.rows("SELECT id, cancel_reason FROM orders"))[0]
    assert reason == "OUT_OF_STOCK"
    assert (await shop.event_types(order_id))[-1] == "order.cancelled"


async def test_a_reservation_anew_that_breaks_off_is_taken_up_again(shop: Shopping) -> None:
    goods = await _break_off(shop, "stockCommit", acted=False, error=KilledError("-9"))
    for held in shop.peer.held.values():
        held.hold = Hold.LAPSED
    shop.peer.break_down("stockReserve", acted=True, error=KilledError("-9"))
    with pytest.raises(KilledError):
        await _repair(shop)
    assert await shop.states() == [("PLACED", "RESERVING")]
    assert await _repair(shop) == Reconciled(committed=1)
    assert shop.peer.free(goods) == 8


async def test_a_cancel_whose_release_was_lost_is_released_by_the_job(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()
    order = await shop.buy(customer, (goods, 3))
    for acted in (False, True):
        shop.peer.break_down("stockRelease", acted=acted)
        given = {"orderId": order["id"], "idempotencyKey": "cancel"}
        payload = await shop.call("orderCancel", "OrderCancelInput", given, customer, "order { status }")
        assert payload["order"] == {"status": "CANCELLED"}
        assert await shop.states() == [("CANCELLED", "RELEASING")]
    assert await _repair(shop) == Reconciled(released=1)
    assert await shop.states() == [("CANCELLED", "RELEASED")]
    assert (shop.peer.free(goods), shop.peer.releases) == (10, 1)


async def test_one_order_without_an_answer_does_not_hold_the_others_up(shop: Shopping) -> None:
    for _ in range(3):
        await _break_off(shop, "stockCommit", acted=False, error=KilledError("-9"))
    shop.peer.break_down("stockCommit", acted=False)
    assert await _repair(shop) == Reconciled(committed=2, failed=1)
    assert await _repair(shop) == Reconciled(committed=1)


async def test_two_repairs_at_once_do_the_work_once(shop: Shopping) -> None:
    goods = await _break_off(shop, "stockReserve", acted=True, error=KilledError("-9"))
    shop.clock.advance(minutes=3)
    runs = await asyncio.gather(*(run_reconciliation(shop.running.app) for _ in range(4)))
    assert sum(run.expired for run in runs) == 1
    assert (shop.peer.free(goods), shop.peer.releases) == (10, 1)
    events = await shop.rows("SELECT type FROM order_events ORDER BY sequence")
    assert [row[0] for row in events] == ["REQUESTED", "EXPIRED"]


@pytest.mark.parametrize("acted", [False, True], ids=["before", "after"])
async def test_a_cancel_during_the_commit_leaves_nothing_held(shop: Shopping, acted: bool) -> None:
    customer, goods = shop.running.customer(), shop.goods()

    async def cancel() -> None:
        [order_id] = (await shop.rows("SELECT id FROM orders"))[0]
        given = {"orderId": str(order_id), "idempotencyKey": "cancel"}
        payload = await shop.call("orderCancel", "OrderCancelInput", given, customer, "order { status }")
        assert payload["order"] == {"status": "CANCELLED"}

    shop.peer.meanwhile("stockCommit", acted=acted, action=cancel)
    await shop.buy(customer, (goods, 2))
    assert (await shop.states(), shop.peer.free(goods)) == ([("CANCELLED", "RELEASED")], 10)


async def test_a_checkout_given_up_while_it_still_reserved_leaves_nothing_held(shop: Shopping) -> None:
    customer, goods = shop.running.customer(), shop.goods()

    async def give_up() -> None:
        assert await _repair(shop) == Reconciled(expired=1, released=1)

    shop.peer.meanwhile("stockReserve", acted=False, action=give_up)
    late = await shop.check_out(customer, await shop.fill_cart(customer, (goods, 2)))
    assert [error["code"] for error in late["userErrors"]] == ["CHECKOUT_EXPIRED"]
    assert (await shop.states(), shop.peer.free(goods)) == ([("EXPIRED", "RELEASED")], 10)


async def test_a_cancel_during_a_reservation_anew_leaves_nothing_held(shop: Shopping) -> None:
    goods = await _break_off(shop, "stockCommit", acted=False, error=KilledError("-9"))
    for held in shop.peer.held.values():
        held.hold = Hold.LAPSED
    [order_id] = (await shop.rows("SELECT id FROM orders"))[0]

    async def cancel() -> None:
        given = {"orderId": str(order_id), "idempotencyKey": "cancel"}
        await shop.call("orderCancel", "OrderCancelInput", given, shop.staff(), "order { status }")

    shop.peer.meanwhile("stockReserve", acted=False, action=cancel)
    assert await _repair(shop) == Reconciled()
    assert shop.peer.free(goods) == 10
    assert await _repair(shop) == Reconciled(released=1)
    assert (await shop.states(), shop.peer.releases) == ([("CANCELLED", "RELEASED")], 1)


async def test_the_worker_calls_the_repair_by_the_clock(shop: Shopping) -> None:
    await _break_off(shop, "stockCommit", acted=False, error=KilledError("-9"))
    shop.clock.advance(minutes=3)
    for job in JOBS:
        assert job.at is not None
        await job.run(JobContext(shop.running.app, job.name, 1))
    assert await shop.states() == [("PLACED", "COMMITTED")]


async def test_a_checkout_under_way_is_left_alone(shop: Shopping) -> None:
    await _break_off(shop, "stockReserve", acted=True, error=KilledError("-9"))
    assert await run_reconciliation(shop.running.app) == Reconciled()
    assert await shop.states() == [("PENDING", "RESERVING")]
