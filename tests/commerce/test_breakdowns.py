"""A checkout killed at every step, on the real domains: after the repair job nothing is left half done."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

import pytest

from subgraphs.inventory.jobs import sweep_reservations
from subgraphs.kit.jobs.declaration import JobContext
from subgraphs.orders.jobs import run_reconciliation
from subgraphs.orders.service.reconcile_checkouts import Reconciled
from tests.commerce.shopkeeping import CART, CHECKOUT, Goods, Shop
from tests.support.subgraph import Caller


class KilledError(Exception):
    """The process ended here: nothing in the code expects it, so nothing cleans up after it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a checkout of two pieces breaks off, and what there is before and after the repair."""

    field: str
    acted: bool
    left: tuple[str, str] | None
    repaired: Reconciled
    ended: tuple[str, str] | None
    available: int


EXPIRED = Reconciled(expired=1, released=1)
COMMITTED = Reconciled(committed=1)
STEPS = (
    Step("variants", False, None, Reconciled(), None, 10),
    Step("variants", True, None, Reconciled(), None, 10),
    Step("stockReserve", False, ("PENDING", "RESERVING"), EXPIRED, ("EXPIRED", "RELEASED"), 10),
    Step("stockReserve", True, ("PENDING", "RESERVING"), EXPIRED, ("EXPIRED", "RELEASED"), 10),
    Step("stockCommit", False, ("PLACED", "RESERVED"), COMMITTED, ("PLACED", "COMMITTED"), 8),
    Step("stockCommit", True, ("PLACED", "RESERVED"), COMMITTED, ("PLACED", "COMMITTED"), 8),
)


def _name(step: Step) -> str:
    return f"{step.field}-{'answer lost' if step.acted else 'not sent'}"


async def _repair(shop: Shop) -> Reconciled:
    shop.platform.clock.advance(minutes=3)
    return await run_reconciliation(shop.platform.app("orders"))


async def _break_off(shop: Shop, field: str, *, acted: bool, error: BaseException) -> Goods:
    customer, [goods] = shop.platform.customer(), await shop.sell(1, on_hand=10)
    given = shop.checkout_input(await shop.fill_cart(customer, (goods, 2)))
    shop.platform.line.break_down(field, acted=acted, error=error)
    await shop.platform.execute(CHECKOUT, {"input": given}, customer)
    return goods


@pytest.mark.parametrize("step", STEPS, ids=_name)
async def test_a_checkout_broken_off_at_any_step_ends_consistent(shop: Shop, step: Step) -> None:
    goods = await _break_off(shop, step.field, acted=step.acted, error=KilledError("-9"))
    assert await shop.orders() == ([step.left] if step.left else [])
    assert await _repair(shop) == step.repaired
    assert await shop.orders() == ([step.ended] if step.ended else [])
    assert await shop.available(goods) == step.available
    assert await shop.held() == (0, 10 - step.available)
    assert await _repair(shop) == Reconciled()


async def test_a_request_cancelled_after_the_reservation_is_repaired(shop: Shop) -> None:
    with pytest.raises(asyncio.CancelledError):
        await _break_off(shop, "stockReserve", acted=True, error=asyncio.CancelledError())
    assert await shop.held() == (2, 0)
    assert await _repair(shop) == EXPIRED
    assert await shop.held() == (0, 0)


async def test_the_same_key_resumes_a_checkout_whose_answer_was_lost(shop: Shop) -> None:
    customer, [goods] = shop.platform.customer(), await shop.sell(1)
    cart = await shop.fill_cart(customer, (goods, 2))
    shop.platform.line.break_down("stockReserve", acted=True)
    lost = await shop.check_out(customer, cart)
    assert [error["code"] for error in lost["userErrors"]] == ["TRY_AGAIN"]
    resumed = await shop.check_out(customer, cart)
    assert resumed["order"]["status"] == "PLACED"
    assert (await shop.orders(), await shop.held()) == ([("PLACED", "COMMITTED")], (0, 2))


async def test_a_reservation_that_lapsed_is_taken_again_when_the_stock_is_still_there(shop: Shop) -> None:
    goods = await _break_off(shop, "stockCommit", acted=False, error=KilledError("-9"))
    shop.platform.clock.advance(minutes=20)
    await sweep_reservations(JobContext(shop.platform.app("inventory"), "sweep", 1))
    assert await shop.available(goods) == 10
    assert await _repair(shop) == COMMITTED
    assert (await shop.orders(), await shop.held()) == ([("PLACED", "COMMITTED")], (0, 2))


async def test_an_order_whose_stock_went_to_others_meanwhile_is_cancelled(shop: Shop) -> None:
    goods = await _break_off(shop, "stockCommit", acted=False, error=KilledError("-9"))
    shop.platform.clock.advance(minutes=14, seconds=50)
    shop.platform.clock.advance(seconds=20)
    # A token lives for 15 minutes by the moved clock too, so the others come as guests.
    await shop.buy(None, (goods, 9))
    assert await _repair(shop) == Reconciled(cancelled=1)
    assert await shop.orders() == [("CANCELLED", "NONE"), ("PLACED", "COMMITTED")]
    assert (await shop.available(goods), await shop.held()) == (1, (0, 9))


async def test_whatever_breaks_down_at_random_is_settled_in_the_end(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    goods = await shop.sell(3, on_hand=8)
    customers = [shop.platform.customer() for _ in range(24)]
    shop.platform.line.disturb(chance, 0.25)

    async def buy_and_think_again(customer: Caller) -> None:
        lines = [{"variantId": each.variant_id, "quantity": 1} for each in chance.sample(goods, 2)]
        cart = (await shop.platform.data(CART, {"input": {"lines": lines}}, customer))["cartCreate"]
        if cart["userErrors"]:
            return
        order = (await shop.check_out(customer, cart))["order"]
        if order is not None and chance.random() < 0.3:
            await shop.cancel(customer, order["id"])

    await asyncio.gather(*(buy_and_think_again(customer) for customer in customers))
    shop.platform.line.disturb(None)
    for _ in range(3):
        await _repair(shop)
    assert await _repair(shop) == Reconciled()
    settled = {
        ("PLACED", "COMMITTED"),
        ("REJECTED", "NONE"),
        ("EXPIRED", "RELEASED"),
        ("CANCELLED", "RELEASED"),
        ("CANCELLED", "NONE"),
    }
    orders = await shop.orders()
    assert set(orders) <= settled, orders
    sold = 2 * orders.count(("PLACED", "COMMITTED"))
    assert await shop.held() == (0, sold)
    assert sum([await shop.available(each) for each in goods]) == 24 - sold


async def test_a_cancel_whose_release_was_lost_is_released_by_the_job(shop: Shop) -> None:
    customer, [goods] = shop.platform.customer(), await shop.sell(1)
    order = await shop.buy(customer, (goods, 3))
    shop.platform.line.break_down("stockRelease", acted=False)
    assert (await shop.cancel(customer, order["id"]))["order"]["status"] == "CANCELLED"
    assert (await shop.orders(), await shop.available(goods)) == ([("CANCELLED", "RELEASING")], 7)
    assert await _repair(shop) == Reconciled(released=1)
    assert (await shop.orders(), await shop.available(goods)) == ([("CANCELLED", "RELEASED")], 10)
