"""What makes entries invalid: mutations, requests, events; and that nothing slips through."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from router.cache.invalidation import Invalidation, InvalidationError, parse_invalidations
from tests.cache.shop import Front, Shop, config_of, open_front, open_shop, until

ALL = "{ products { id name inStock } }"
ONE = "query ($id: ID!) { product(id: $id) { name inStock } }"


async def warmed(front: Front, shop: Shop) -> None:
    """Keeps the page and each product of it."""
    await front.ask(ALL)
    for product in shop.names:
        await front.ask(ONE, {"id": product})
    shop.requests.clear()


async def refetched(front: Front, shop: Shop) -> tuple[list[str], bool, list[str]]:
    """Returns what is fetched again: stock of which products, the page, which single products."""
    await front.ask(ALL)
    page = bool(shop.fetched("catalogue"))
    shop_requests = len(shop.fetched("catalogue"))
    for product in shop.names:
        await front.ask(ONE, {"id": product})
    singles = [variables["id"] for variables in shop.fetched("catalogue")[shop_requests:]]
    return shop.entities_fetched(), page, singles


EVERY = ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("one", "stock", "page", "singles"),
    [
        ({"all": True}, EVERY, True, EVERY),
        ({"subgraph": "stock"}, EVERY, False, []),
        ({"subgraph": "catalogue"}, [], True, EVERY),
        ({"type": "Product"}, EVERY, True, EVERY),
        ({"type": "Product", "subgraph": "stock"}, EVERY, False, []),
        # Answers of root fields do not say which products are in them: all that may hold one are fetched.
        ({"type": "Product", "key": {"id": "2"}}, ["2"], True, EVERY),
        ({"type": "Product", "key": {"id": 2}, "subgraph": "stock"}, ["2"], False, []),
        ({"type": "Product", "key": {"sku": "2"}}, EVERY, True, EVERY),
        ({"tag": "product-3"}, ["3"], True, EVERY),
        ({"tag": "product-3", "subgraph": "stock"}, ["3"], False, []),
        ({"tag": "products"}, [], True, []),
        ({"tag": "shown-4"}, [], False, ["4"]),
        ({"tag": "nobody's"}, [], False, []),
        ({"type": "Nothing"}, [], False, []),
        ({"subgraph": "nowhere"}, [], False, []),
    ],
)
async def test_each_form(one: dict[str, Any], stock: list[str], page: bool, singles: list[str]) -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await warmed(front, shop)
        assert await refetched(front, shop) == ([], False, [])
        assert await front.cache.invalidate(parse_invalidations({"invalidations": [one]}, 1))
        assert await refetched(front, shop) == (stock, page, singles)


@pytest.mark.parametrize(
    ("mutation", "stock"),
    [
        ('rename(id: 2, name: "Zellij") { name }', ["2"]),
        ("touch(id: 2) { id }", ["2"]),
        ("other: touch(id: 2) { its: id }", ["2"]),
        # The answer does not tell the id, so all products it could be are invalid.
        ("touch(id: 2) { name }", EVERY),
        ("retag(id: 2) { name }", ["2"]),
        ('quiet(id: 2, name: "Zellij") { name }', []),
    ],
)
async def test_mutations_invalidate_by_their_rules(mutation: str, stock: list[str]) -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await warmed(front, shop)
        answer = await front.ask(f"mutation {{ {mutation} }}")
        assert answer.codes == []
        assert answer.cache_control is None
        shop.requests.clear()
        assert await refetched(front, shop) == (stock, bool(stock), EVERY if stock else [])


async def test_variables_are_arguments_too() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await warmed(front, shop)
        await front.ask(
            'mutation ($which: ID!) { rename(id: $which, name: "Zellij") { name } }', {"which": "3"}
        )
        answer = await front.ask(ALL)
        assert [one["name"] for one in answer.data["products"]] == ["Khatim", "Seffsaf", "Zellij", "Bejmat"]
        assert shop.entities_fetched() == ["3"]


async def test_a_mutation_that_fails_may_have_happened() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await warmed(front, shop)
        shop.failing.add("catalogue")
        answer = await front.ask('mutation { rename(id: 2, name: "Zellij") { name } }')
        assert answer.codes == ["SUBGRAPH_UNREACHABLE"]
        shop.failing.clear()
        shop.requests.clear()
        assert (await refetched(front, shop))[0] == ["2"]


async def test_a_client_that_leaves_its_mutation_leaves_nothing_stale() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await warmed(front, shop)
        gate = shop.gates["catalogue"] = asyncio.Event()
        task = asyncio.create_task(front.ask('mutation { rename(id: 2, name: "Zellij") { name } }'))
        await until(lambda: bool(shop.fetched("catalogue")))
        task.cancel()
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        shop.requests.clear()
        assert (await refetched(front, shop))[0] == ["2"]


async def test_an_invalidation_during_a_fetch_wins() -> None:
    """The fetch began before and ends after: what it brings may be from before, so it is not kept."""
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        gate = shop.gates["stock"] = asyncio.Event()
        task = asyncio.create_task(front.ask(ALL))
        await until(lambda: bool(shop.fetched("stock")))
        await front.cache.invalidate([Invalidation(type="Product", key={"id": "2"})])
        gate.set()
        await task
        shop.requests.clear()
        await front.ask(ALL)
        assert shop.entities_fetched() == ["2"]


async def test_a_kept_answer_falls_with_what_it_holds() -> None:
    async with open_shop() as shop, open_front(shop, config_of(responses={"enabled": True})) as front:
        for query, variables in ((ALL, {}), (ONE, {"id": "1"})):
            await front.ask(query, variables)
            await front.ask(query, variables)
        assert front.counts("(client)", "(response)")["hits"] == 2
        await front.cache.invalidate([Invalidation(subgraph="stock", tag="product-2")])
        await front.ask(ONE, {"id": "1"})
        await front.ask(ALL)
        assert front.counts("(client)", "(response)") == {
            **dict.fromkeys(("stale", "refused", "shared", "refreshed"), 0),
            "hits": 3,
            "misses": 3,
            "stored": 3,
        }


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"invalidations": []},
        {"invalidations": [{}], "more": 1},
        {"invalidations": [{}]},
        {"invalidations": [{"all": False}]},
        {"invalidations": [{"all": True, "type": "Product"}]},
        {"invalidations": [{"type": 1}]},
        {"invalidations": [{"type": ""}]},
        {"invalidations": [{"type": "Product", "tag": "a"}]},
        {"invalidations": [{"key": {"id": 1}}]},
        {"invalidations": [{"type": "Product", "key": {}}]},
        {"invalidations": [{"type": "Product", "key": {"id": [1]}}]},
        {"invalidations": [{"type": "Product", "key": {"id": None}}]},
        {"invalidations": [{"type": "Product", "keys": {"id": 1}}]},
        {"invalidations": ["Product"]},
        {"invalidations": [{"tag": "a"}] * 4},
    ],
)
def test_a_malformed_request_is_refused(body: Any) -> None:
    with pytest.raises(InvalidationError):
        parse_invalidations(body, 3)


def test_nested_keys_are_paths() -> None:
    body = {"invalidations": [{"type": "Seat", "key": {"row": 3, "hall": {"id": "a", "open": True}}}]}
    assert parse_invalidations(body, 1) == [
        Invalidation(type="Seat", key={"row": "3", "hall.id": "a", "hall.open": "true"})
    ]
