"""Entries past their age: served while they are fetched anew, or because the subgraph fails."""

from __future__ import annotations

import asyncio

from tests.cache.shop import config_of, open_front, open_shop

ONE = "query ($id: ID!) { product(id: $id) { id inStock } }"
ALL = "{ products { id inStock } }"
REVALIDATES = {"defaults": {"stale_while_revalidate_s": 1_000}}
SURVIVES = {"defaults": {"stale_if_error_s": 1_000}}


async def test_stale_is_served_while_it_is_fetched_once_in_the_background() -> None:
    async with open_shop() as shop, open_front(shop, config_of(**REVALIDATES)) as front:
        await front.ask(ONE, {"id": "1"})
        shop.stock["1"] = 11
        shop.now += 60
        gate = shop.gates["stock"] = asyncio.Event()
        for _ in range(5):
            answer = await front.ask(ONE, {"id": "1"})
            assert answer.data["product"]["inStock"] == 10
            assert answer.cache_control is None
        gate.set()
        await front.settle()
        assert len(shop.entities_fetched()) == 2
        answer = await front.ask(ONE, {"id": "1"})
        assert answer.data["product"]["inStock"] == 11
        assert front.counts("stock", "Product")["stale"] == 5
        assert front.counts("stock", "Product")["refreshed"] == 1


async def test_a_refresh_that_fails_changes_nothing() -> None:
    async with open_shop() as shop, open_front(shop, config_of(**REVALIDATES)) as front:
        await front.ask(ONE, {"id": "1"})
        shop.now += 60
        shop.failing.add("stock")
        for _ in range(2):
            assert (await front.ask(ONE, {"id": "1"})).data["product"]["inStock"] == 10
            await front.settle()
        shop.failing.clear()
        shop.stock["1"] = 11
        shop.now += 11  # the claim of who refreshed before is over
        await front.ask(ONE, {"id": "1"})
        await front.settle()
        assert (await front.ask(ONE, {"id": "1"})).data["product"]["inStock"] == 11


async def test_background_fetches_are_bounded() -> None:
    config = config_of(refreshes_max=1, **REVALIDATES)
    async with open_shop() as shop, open_front(shop, config) as front:
        for product in "123":
            await front.ask(ONE, {"id": product})
        shop.now += 60
        gate = shop.gates["stock"] = asyncio.Event()
        for product in "123":
            await front.ask(ONE, {"id": product})
        assert len(front.cache.refreshes) == 1
        gate.set()
        await front.settle()
        assert len(shop.entities_fetched()) == 4


async def test_an_entry_is_refreshed_ahead_of_its_end_by_chance() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        gate = shop.gates["stock"] = asyncio.Event()
        arrived = shop.arrivals["stock"] = asyncio.Event()
        asked = asyncio.create_task(front.ask(ONE, {"id": "1"}))
        await arrived.wait()
        await asyncio.sleep(0.05)
        gate.set()
        await asked  # fetching it took at least a twentieth of a second
        shop.stock["1"] = 11
        shop.now += 49
        await front.ask(ONE, {"id": "1"})
        assert len(front.cache.refreshes) == 0
        # An unlucky draw: a refresh begins 27 times as long before the end as fetching takes.
        front.cache.draw = lambda: 1.0 - 1e-12
        assert (await front.ask(ONE, {"id": "1"})).data["product"]["inStock"] == 10
        await front.settle()
        assert (await front.ask(ONE, {"id": "1"})).data["product"]["inStock"] == 11


async def test_a_failing_subgraph_is_answered_for() -> None:
    async with open_shop() as shop, open_front(shop, config_of(**SURVIVES)) as front:
        await front.ask(ONE, {"id": "1"})
        shop.now += 60
        shop.failing.add("stock")
        answer = await front.ask(ONE, {"id": "1"})
        assert answer.data["product"]["inStock"] == 10
        assert answer.codes == []
        assert answer.cache_control is None
        shop.failing.clear()
        shop.status["stock"] = "503 Service Unavailable"
        assert (await front.ask(ONE, {"id": "1"})).data["product"]["inStock"] == 10
        shop.now += 1_000
        answer = await front.ask(ONE, {"id": "1"})
        assert answer.codes == [] and answer.data["product"]["inStock"] == 10  # it answers, beside its 503
        shop.status.clear()
        shop.failing.add("stock")
        assert (await front.ask(ONE, {"id": "1"})).codes == ["SUBGRAPH_UNREACHABLE"]


async def test_what_is_kept_survives_the_failure_of_the_rest() -> None:
    query = "{ products { id ... @include(if: true) { note { text } } } }"
    config = config_of(defaults={"default_max_age_s": 100})
    async with open_shop() as shop, open_front(shop, config) as front:
        await front.ask("{ product(id: 2) { note { text } } }")
        shop.failing.add("stock")
        answer = await front.ask("{ products { id } other: product(id: 2) { note { text } } }")
        assert answer.data["other"] == {"note": {"text": "2 for nobody"}}
        assert answer.codes == []
        answer = await front.ask(query)
        assert answer.codes[0] == "SUBGRAPH_UNREACHABLE"
        assert answer.cache_control is None


async def test_nothing_invalid_is_served_however_it_fails() -> None:
    settings = {"defaults": {"stale_if_error_s": 1_000, "stale_while_revalidate_s": 1_000}}
    async with open_shop() as shop, open_front(shop, config_of(**settings)) as front:
        await front.ask(ALL)
        await front.ask("mutation { retag(id: 1) { name } }")
        shop.now += 60
        shop.failing.add("stock")
        answer = await front.ask(ONE, {"id": "1"})
        assert "SUBGRAPH_UNREACHABLE" in answer.codes
        assert (await front.ask(ONE, {"id": "2"})).codes == []
