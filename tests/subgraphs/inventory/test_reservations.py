"""Putting stock aside, committing it, giving it back."""

from __future__ import annotations

from typing import Any

from subgraphs.inventory.jobs import sweep_reservations
from subgraphs.kit.jobs.declaration import JobContext
from tests.subgraphs.inventory.shop import Shop, codes, variant
from tests.support.subgraph import MovableClock


async def test_what_is_reserved_is_no_longer_available(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 10))
    payload = await shop.reserve("order-1", (item, 4))
    assert payload["userErrors"] == []
    assert payload["reservation"]["status"] == "ACTIVE"
    assert payload["reservation"]["reference"] == "order-1"
    assert payload["reservation"]["lines"] == [{"variantId": item, "quantity": 4}]
    assert await shop.available(item) == [6]
    assert await shop.levels(item) == [
        {"warehouse": "ALG", "onHand": 10, "reserved": 4, "allocated": 0, "available": 6}
    ]


async def test_all_lines_are_reserved_or_none(shop: Shop) -> None:
    plenty, scarce, unknown = variant(), variant(), variant()
    await shop.stock(await shop.warehouse("ALG"), (plenty, 10), (scarce, 1))
    payload = await shop.reserve("order-1", (plenty, 2), (scarce, 2), (unknown, 1))
    assert payload["reservation"] is None
    assert payload["userErrors"] == [
        {"code": "INSUFFICIENT_STOCK", "field": ["input", "lines"], "variantId": short}
        for short in sorted((scarce, unknown))
    ]
    assert await shop.available(plenty, scarce, unknown) == [10, 1, 0]
    assert await shop.events("stock.reserved") == []


async def test_lines_of_one_variant_are_one_amount(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 5))
    assert codes(await shop.reserve("too-much", (item, 3), (item, 3))) == ["INSUFFICIENT_STOCK"]
    payload = await shop.reserve("order-1", (item, 3), (item, 2))
    assert payload["reservation"]["lines"] == [{"variantId": item, "quantity": 5}]
    assert await shop.available(item) == [0]


async def test_an_expired_reservation_is_free_without_any_job(shop: Shop, clock: MovableClock) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 1))
    await shop.reserve("order-1", (item, 1), expiresInSeconds=600)
    assert await shop.available(item) == [0]
    clock.advance(seconds=601)
    assert await shop.available(item) == [1]
    assert (await shop.levels(item))[0]["reserved"] == 0
    payload = await shop.reserve("order-2", (item, 1))
    assert payload["userErrors"] == []
    assert await shop.available(item) == [0]
    assert codes(await shop.by_reference("stockCommit", "order-1")) == ["RESERVATION_EXPIRED"]
    committed = await shop.by_reference("stockCommit", "order-2")
    assert committed["reservation"]["status"] == "COMMITTED"


async def test_an_expired_reservation_is_committed_when_its_stock_is_still_there(
    shop: Shop, clock: MovableClock
) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 2))
    await shop.reserve("order-1", (item, 2))
    clock.advance(hours=1)
    payload = await shop.by_reference("stockCommit", "order-1")
    assert payload["userErrors"] == []
    assert payload["reservation"]["status"] == "COMMITTED"
    assert payload["reservation"]["lines"] == [{"variantId": item, "quantity": 2}]
    assert await shop.available(item) == [0]


async def test_the_sweeper_only_writes_down_what_the_clock_said(shop: Shop, clock: MovableClock) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 3))
    await shop.reserve("order-1", (item, 1), expiresInSeconds=60)
    await shop.reserve("order-2", (item, 1), expiresInSeconds=3600)
    clock.advance(seconds=120)
    before = await shop.available(item)
    assert await sweep_reservations(JobContext(shop.inventory.app, "sweep", 1)) == 1
    assert await sweep_reservations(JobContext(shop.inventory.app, "sweep", 1)) == 0
    assert before == await shop.available(item) == [2]
    (released,) = await shop.events("stock.released")
    assert released[1] == {
        "reference": "order-1",
        "lines": [{"variant_id": item, "quantity": 1}],
        "reason": "expired",
    }
    # Swept or not, a late commit is the same.
    payload = await shop.by_reference("stockCommit", "order-1")
    assert payload["reservation"]["status"] == "COMMITTED"
    assert await shop.available(item) == [1]


async def test_committing_and_releasing_again_change_nothing(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 5))
    await shop.reserve("order-1", (item, 2))
    for _ in range(2):
        payload = await shop.by_reference("stockCommit", "order-1")
        assert payload["reservation"]["status"] == "COMMITTED"
    assert await shop.levels(item) == [
        {"warehouse": "ALG", "onHand": 5, "reserved": 0, "allocated": 2, "available": 3}
    ]
    for _ in range(2):
        payload = await shop.by_reference("stockRelease", "order-1")
        assert payload["reservation"]["status"] == "RELEASED"
        assert await shop.available(item) == [5]
    assert codes(await shop.by_reference("stockCommit", "order-1")) == ["RESERVATION_RELEASED"]
    assert [name for name, _ in await shop.events("stock.committed", "stock.released")] == [
        "stock.committed",
        "stock.released",
    ]


async def test_a_reservation_is_released_once_whether_it_expired_or_not(
    shop: Shop, clock: MovableClock
) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 5))
    await shop.reserve("order-1", (item, 2))
    clock.advance(hours=1)
    payload = await shop.by_reference("stockRelease", "order-1")
    assert payload["reservation"]["status"] == "RELEASED"
    assert await sweep_reservations(JobContext(shop.inventory.app, "sweep", 1)) == 0
    assert await shop.available(item) == [5]
    assert [payload["reason"] for _, payload in await shop.events("stock.released")] == ["released"]


async def test_releasing_an_unknown_reference_is_no_error_and_committing_it_is(shop: Shop) -> None:
    payload = await shop.by_reference("stockRelease", "nobody")
    assert payload == {"reservation": None, "userErrors": []}
    assert codes(await shop.by_reference("stockCommit", "nobody")) == ["NOT_FOUND"]


async def test_asking_again_for_a_reference_replaces_its_lines_and_time(
    shop: Shop, clock: MovableClock
) -> None:
    first, second = variant(), variant()
    await shop.stock(await shop.warehouse("ALG"), (first, 5), (second, 5))
    await shop.reserve("cart-1", (first, 4), expiresInSeconds=600)
    clock.advance(seconds=500)
    payload = await shop.reserve("cart-1", (first, 5), (second, 1), expiresInSeconds=600)
    assert payload["userErrors"] == []
    clock.advance(seconds=500)
    assert await shop.available(first, second) == [0, 4]
    # Refused: what was held before is still held.
    assert codes(await shop.reserve("cart-1", (second, 6))) == ["INSUFFICIENT_STOCK"]
    assert await shop.available(first, second) == [0, 4]


async def test_a_committed_reference_is_not_reserved_anew(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 5))
    await shop.reserve("order-1", (item, 2))
    await shop.by_reference("stockCommit", "order-1")
    again = await shop.reserve("order-1", (item, 2))
    assert (again["userErrors"], again["reservation"]["status"]) == ([], "COMMITTED")
    assert codes(await shop.reserve("order-1", (item, 3))) == ["REFERENCE_IN_USE"]
    assert await shop.available(item) == [3]


async def test_the_same_key_reserves_once_and_with_another_body_never(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 5))
    first = await shop.reserve("order-1", (item, 2), idempotencyKey="k")
    again = await shop.reserve("order-1", (item, 2), idempotencyKey="k")
    assert again == first
    assert codes(await shop.reserve("order-1", (item, 3), idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]
    assert await shop.available(item) == [3]
    assert len(await shop.events("stock.reserved")) == 1


async def test_a_refused_key_may_be_used_again(shop: Shop) -> None:
    item = variant()
    place = await shop.warehouse("ALG")
    assert codes(await shop.reserve("order-1", (item, 1), idempotencyKey="k")) == ["INSUFFICIENT_STOCK"]
    await shop.stock(place, (item, 1))
    assert codes(await shop.reserve("order-1", (item, 1), idempotencyKey="k")) == []


async def test_shipping_takes_allocated_goods_off_the_shelf_once(shop: Shop) -> None:
    item = variant()
    await shop.stock(await shop.warehouse("ALG"), (item, 5))
    await shop.reserve("order-1", (item, 2))
    assert codes(await shop.by_reference("stockShip", "order-1")) == ["RESERVATION_NOT_COMMITTED"]
    await shop.by_reference("stockCommit", "order-1")
    for _ in range(2):
        payload = await shop.by_reference("stockShip", "order-1")
        assert payload["reservation"]["status"] == "SHIPPED"
    assert await shop.levels(item) == [
        {"warehouse": "ALG", "onHand": 3, "reserved": 0, "allocated": 0, "available": 3}
    ]
    assert codes(await shop.by_reference("stockRelease", "order-1")) == ["ALREADY_SHIPPED"]
    assert await shop.available(item) == [3]


async def test_an_order_is_split_over_warehouses_only_when_it_must_be(shop: Shop) -> None:
    first, second = variant(), variant()
    algiers = await shop.warehouse("ALG", priority=1)
    oran = await shop.warehouse("ORN", priority=2)
    await shop.stock(algiers, (first, 5))
    await shop.stock(oran, (first, 3), (second, 3))
    # Oran alone has both, though Algiers comes first.
    await shop.reserve("whole", (first, 2), (second, 2))
    assert [level["reserved"] for level in await shop.levels(first)] == [0, 2]
    await shop.reserve("split", (first, 6), (second, 1))
    assert [level["reserved"] for level in await shop.levels(first)] == [5, 3]
    assert await shop.available(first, second) == [0, 0]


async def test_a_reservation_that_makes_no_sense_is_refused(shop: Shop) -> None:
    refused: list[tuple[dict[str, Any], list[str]]] = [
        ({"lines": []}, ["input", "lines"]),
        ({"lines": [{"variantId": "x", "quantity": 1}]}, ["input", "lines", "0", "variantId"]),
        ({"expiresInSeconds": 0}, ["input", "expiresInSeconds"]),
        ({"reference": "  "}, ["input", "reference"]),
        ({"organizationId": "x"}, ["input", "organizationId"]),
        ({"idempotencyKey": ""}, ["idempotencyKey"]),
    ]
    refused += [
        ({"lines": [{"variantId": variant(), "quantity": count}]}, ["input", "lines", "0", "quantity"])
        for count in (0, -1, 1_000_001)
    ]
    for given, field in refused:
        payload = await shop.reserve("order-1", (variant(), 1), **given)
        found = [(error["code"], error["field"]) for error in payload["userErrors"]]
        assert found == [("INVALID_INPUT", field)], given
