"""Many who want the same thing at once: one fetch."""

from __future__ import annotations

import asyncio

from tests.cache.shop import Shop, config_of, open_front, open_shop, until

ONE = "query ($id: ID!) { product(id: $id) { id inStock } }"
ALL = "{ products { id inStock } }"


def hold(shop: Shop, service: str) -> asyncio.Event:
    """Holds the answers of a subgraph until the event is set; says when a request came."""
    gate = shop.gates[service] = asyncio.Event()
    shop.arrivals[service] = asyncio.Event()
    return gate


async def test_one_fetch_for_all_who_come_meanwhile() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await front.ask("{ product(id: 1) { id } }")
        gate = hold(shop, "stock")
        first = asyncio.create_task(front.ask(ONE, {"id": "1"}))
        await shop.arrivals["stock"].wait()
        others = [asyncio.create_task(front.ask(ONE, {"id": "1"})) for _ in range(20)]
        await until(lambda: front.counts("catalogue", "(root)")["hits"] == 20)
        gate.set()
        answers = [await task for task in (first, *others)]
        assert {answer.data["product"]["inStock"] for answer in answers} == {10}
        assert shop.entities_fetched() == ["1"]
        assert len(front.cache.flights) == 0


async def test_overlapping_lists_fetch_each_entity_once() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await front.ask("{ products { id } }")
        await front.ask("{ product(id: 2) { id } }")
        gate = hold(shop, "stock")
        one = asyncio.create_task(front.ask(ONE, {"id": "2"}))
        await shop.arrivals["stock"].wait()
        every = asyncio.create_task(front.ask(ALL))
        await until(lambda: len(shop.fetched("stock")) == 2)
        gate.set()
        assert (await one).data["product"]["inStock"] == 10
        assert [each["inStock"] for each in (await every).data["products"]] == [10] * 4
        assert sorted(shop.entities_fetched()) == ["1", "2", "3", "4"]


async def test_who_waited_for_a_failure_asks_again() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await front.ask("{ product(id: 1) { id } }")
        gate = hold(shop, "stock")
        shop.failing.add("stock")
        first = asyncio.create_task(front.ask(ONE, {"id": "1"}))
        await shop.arrivals["stock"].wait()
        second = asyncio.create_task(front.ask(ONE, {"id": "1"}))
        await until(lambda: front.counts("catalogue", "(root)")["hits"] == 1)
        gate.set()
        assert "SUBGRAPH_UNREACHABLE" in (await first).codes
        assert "SUBGRAPH_UNREACHABLE" in (await second).codes
        shop.failing.clear()
        assert (await front.ask(ONE, {"id": "1"})).codes == []


async def test_a_client_that_leaves_takes_nobody_with_it() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await front.ask("{ product(id: 1) { id } }")
        gate = hold(shop, "stock")
        first = asyncio.create_task(front.ask(ONE, {"id": "1"}))
        await shop.arrivals["stock"].wait()
        second = asyncio.create_task(front.ask(ONE, {"id": "1"}))
        third = asyncio.create_task(front.ask(ONE, {"id": "1"}))
        await until(lambda: front.counts("catalogue", "(root)")["hits"] == 2)
        third.cancel()
        first.cancel()
        gate.set()
        assert (await second).data["product"]["inStock"] == 10
        outcomes = await asyncio.gather(first, third, return_exceptions=True)
        assert [type(one) for one in outcomes] == [asyncio.CancelledError] * 2
        assert len(front.cache.flights) == 0


async def test_nobody_waits_for_a_fetch_from_before_an_invalidation() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await front.ask("{ product(id: 1) { id } }")
        gate = hold(shop, "stock")
        first = asyncio.create_task(front.ask(ONE, {"id": "1"}))
        await shop.arrivals["stock"].wait()
        await front.ask("mutation { retag(id: 1) { name } }")
        second = asyncio.create_task(front.ask(ONE, {"id": "1"}))
        await until(lambda: len(shop.fetched("stock")) == 2)
        gate.set()
        await asyncio.gather(first, second)
        # What the first one brought was begun too early to be kept.
        shop.stock["1"] = 11
        assert (await front.ask(ONE, {"id": "1"})).data["product"]["inStock"] == 10
        assert len(shop.entities_fetched()) == 2


async def test_nobody_waits_for_what_may_not_be_theirs() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        gate = hold(shop, "stock")
        asked = [
            asyncio.create_task(
                front.ask("{ product(id: 1) { ownPrice } }", authorization=f"viewer-{number}")
            )
            for number in range(3)
        ]
        await until(lambda: len(shop.fetched("stock")) == 3)
        assert len(front.cache.flights) == 0
        gate.set()
        for number, task in enumerate(asked):
            assert (await task).data == {"product": {"ownPrice": f"1 for viewer-{number}"}}
