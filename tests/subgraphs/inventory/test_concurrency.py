"""Many buyers at once, on real connections: nothing is sold twice, nobody waits for ever."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext

from subgraphs.inventory.jobs import sweep_reservations
from subgraphs.kit.ids import new_id
from subgraphs.kit.jobs.declaration import JobContext
from tests.subgraphs.inventory.shop import ERRORS, Shop, codes, variant
from tests.support.subgraph import MovableClock

ROUNDS = 4
BUYERS = 5
STEPS = 6


async def test_of_50_buyers_of_the_last_unit_one_gets_it(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 1))
    payloads = await asyncio.gather(*(shop.reserve(f"order-{n}", (item, 1)) for n in range(50)))
    answers = Counter(tuple(codes(payload)) for payload in payloads)
    assert answers == {(): 1, ("INSUFFICIENT_STOCK",): 49}
    winner = next(payload["reservation"]["reference"] for payload in payloads if payload["reservation"])
    committed = await shop.by_reference("stockCommit", winner)
    assert committed["reservation"]["status"] == "COMMITTED"
    assert await shop.levels(item) == [
        {"warehouse": "ALG", "onHand": 1, "reserved": 0, "allocated": 1, "available": 0}
    ]
    assert await _count(shop, "reservations") == 1
    assert await shop.discrepancies() == []


async def test_orders_with_crossed_lines_do_not_deadlock(shop: Shop) -> None:
    items = [variant() for _ in range(4)]
    await shop.stock(await shop.warehouse("ALG"), *((item, 1000) for item in items))
    orders = [items if number % 2 else items[::-1] for number in range(40)]
    with no_deadlock(shop):
        payloads = await asyncio.gather(
            *(shop.reserve(f"order-{n}", *((item, 1) for item in lines)) for n, lines in enumerate(orders))
        )
    assert [codes(payload) for payload in payloads] == [[]] * 40
    assert await shop.available(*items) == [960] * 4


async def test_deliveries_and_orders_with_crossed_lines_do_not_deadlock(shop: Shop) -> None:
    items = [variant() for _ in range(6)]
    place = await shop.warehouse("ALG")
    await shop.stock(place, *((item, 100) for item in items[::2]))

    async def deliver(number: int) -> None:
        order = items if number % 2 else items[::-1]
        await shop.stock(place, *((item, 10) for item in order))

    async def buy(number: int) -> None:
        order = items[::2] if number % 2 else items[::2][::-1]
        assert codes(await shop.reserve(f"order-{number}", *((item, 1) for item in order))) == []

    with no_deadlock(shop):
        await asyncio.gather(*(deliver(n) for n in range(10)), *(buy(n) for n in range(10)))
    assert await shop.available(*items) == [190, 100] * 3
    assert await shop.discrepancies() == []


async def test_one_key_from_20_callers_at_once_has_one_effect(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 100))
    payloads = await asyncio.gather(
        *(shop.reserve("order-1", (item, 3), idempotencyKey="k") for _ in range(20))
    )
    assert all(payload == payloads[0] for payload in payloads)
    assert await shop.available(item) == [97]
    assert len(await shop.events("stock.reserved")) == 1


async def test_one_reference_under_20_keys_holds_once(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 100))
    payloads = await asyncio.gather(*(shop.reserve("order-1", (item, 3)) for _ in range(20)))
    assert {payload["reservation"]["id"] for payload in payloads} == {payloads[0]["reservation"]["id"]}
    assert await shop.available(item) == [97]
    assert await shop.discrepancies() == []


async def test_commit_and_release_at_once_leave_stock_either_held_or_free(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 10))
    for number in range(5):
        reference = f"order-{number}"
        await shop.reserve(reference, (item, 1))
        calls = [shop.by_reference(name, reference) for name in ("stockCommit", "stockRelease") * 3]
        await asyncio.gather(*calls)
        assert await shop.available(item) == [10]
    assert len(await shop.events("stock.released")) == 5
    assert await shop.discrepancies() == []


async def test_any_interleaving_keeps_the_books(shop: Shop, clock: MovableClock, seed: int) -> None:
    """Random work on few units in two warehouses, time running: never oversold, books always right."""
    chance = random.Random(f"{seed}/interleaving")
    items = [variant() for _ in range(3)]
    places = [await shop.warehouse(code) for code in ("ALG", "ORN")]
    for place in places:
        await shop.stock(place, *((item, 6) for item in items))
    for _ in range(ROUNDS):
        work = [_buyer(shop, chance, items, places) for _ in range(BUYERS)]
        with no_deadlock(shop):
            await asyncio.gather(*(step() for steps in work for step in steps))
        clock.advance(seconds=chance.choice([0, 5, 40]))
        await _assert_books(shop, items)
    assert await sweep_reservations(JobContext(shop.inventory.app, "sweep", 1)) >= 0
    await _assert_books(shop, items)


Step = Callable[[], Awaitable[Any]]


def _buyer(shop: Shop, chance: random.Random, items: list[str], places: list[str]) -> list[Step]:
    reference = f"order-{chance.randrange(12)}"
    possible: list[Step] = [
        lambda: shop.reserve(
            reference,
            *((item, chance.randint(1, 4)) for item in chance.choices(items, k=chance.randint(1, 3))),
            expiresInSeconds=chance.choice([1, 20, 600]),
        ),
        lambda: shop.by_reference("stockCommit", reference),
        lambda: shop.by_reference("stockRelease", reference),
        lambda: shop.by_reference("stockShip", reference),
        lambda: sweep_reservations(JobContext(shop.inventory.app, "sweep", 1)),
        lambda: _adjust(shop, chance.choice(places), chance.choice(items), chance.choice([-2, -1, 1, 2])),
        lambda: _transfer(shop, chance.sample(places, 2), chance.choice(items)),
    ]
    return chance.choices(possible, weights=[6, 3, 2, 1, 1, 2, 1], k=STEPS)


async def _adjust(shop: Shop, place: str, item: str, delta: int) -> None:
    given = {
        "idempotencyKey": str(new_id()),
        "warehouseId": place,
        "variantId": item,
        "delta": delta,
        "reason": "CORRECTION",
    }
    payload = await shop.mutate("stockAdjust", given, ERRORS)
    assert codes(payload) in ([], ["INSUFFICIENT_STOCK"])


async def _transfer(shop: Shop, between: list[str], item: str) -> None:
    origin, to = between
    given = {
        "idempotencyKey": str(new_id()),
        "fromWarehouseId": origin,
        "toWarehouseId": to,
        "lines": [{"variantId": item, "quantity": 1}],
    }
    payload = await shop.mutate("stockTransfer", given, f"transfer {{ id }} {ERRORS}")
    if payload["transfer"] is not None:
        arrival = {"idempotencyKey": str(new_id()), "transferId": payload["transfer"]["id"]}
        assert codes(await shop.mutate("stockTransferReceive", arrival, ERRORS)) == []


async def _assert_books(shop: Shop, items: list[str]) -> None:
    assert await shop.discrepancies() == []
    for item in items:
        levels = await shop.levels(item)
        for level in levels:
            assert min(level["onHand"], level["reserved"], level["allocated"], level["available"]) >= 0, level
        assert await shop.available(item) == [sum(level["available"] for level in levels)]


async def _count(shop: Shop, table: str) -> int:
    async with shop.inventory.app.database.engine.connect() as connection:
        return await connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0


@contextmanager
def no_deadlock(shop: Shop) -> Iterator[None]:
    """Fails when the block runs into a deadlock, though the mutations' edge would have retried it."""
    met: list[str] = []

    def note(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) == "40P01":
            met.append(str(context.statement))

    engine = shop.inventory.app.database.engine.sync_engine
    event.listen(engine, "handle_error", note)
    try:
        yield
    finally:
        event.remove(engine, "handle_error", note)
    assert met == []
