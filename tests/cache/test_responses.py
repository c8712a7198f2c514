"""Whole answers, kept under their operation."""

from __future__ import annotations

import pytest

from tests.cache.shop import config_of, open_front, open_shop

PAGE = "{ products { id name inStock } }"
RESPONSES = {"responses": {"enabled": True}}


async def test_a_kept_answer_asks_nobody() -> None:
    async with open_shop() as shop, open_front(shop, config_of(**RESPONSES)) as front:
        first = await front.ask(PAGE)
        shop.now += 10
        second = await front.ask(PAGE)
        assert first.data == second.data
        assert second.cache_control == "public, max-age=40"
        assert front.counts("(client)", "(response)")["hits"] == 1
        assert front.counts("stock", "Product")["hits"] == 0


async def test_what_tells_answers_apart() -> None:
    async with open_shop() as shop, open_front(shop, config_of(**RESPONSES)) as front:
        asked = "query A($id: ID!) { product(id: $id) { name } } "
        await front.ask(asked, {"id": "1"})
        await front.ask(asked, {"id": "2"})
        await front.ask(asked, {"id": "1"}, accept_language="ar")
        await front.ask(f"{asked} # the same", {"id": "1"})
        assert front.counts("(client)", "(response)")["hits"] == 0
        await front.ask(asked, {"id": "1"})
        assert front.counts("(client)", "(response)")["hits"] == 1


async def test_only_whole_answers_are_kept() -> None:
    async with open_shop() as shop, open_front(shop, config_of(**RESPONSES)) as front:
        shop.broken_ids.add("1")
        for query in ("{ product(id: 1) { inStock } }", "{ nothing }", "{ product(id: 1) { never } }"):
            await front.ask(query)
            await front.ask(query)
        for _ in range(2):
            await front.ask('mutation { quiet(id: 1, name: "Khatim") { name } }')
        assert front.counts("(client)", "(response)")["stored"] == 0
        assert len(shop.fetched("catalogue")) == 1 + 2  # the product for both queries, and the mutations


async def test_viewers_have_their_own_answers_or_none() -> None:
    async with open_shop() as shop, open_front(shop, config_of(**RESPONSES)) as front:
        for _ in range(2):
            await front.ask(PAGE, None, authorization="viewer-1")
        assert front.counts("(client)", "(response)") == {}
    async with open_shop() as shop, open_front(shop, config_of(private=True, **RESPONSES)) as front:
        for viewer in ("viewer-1", "viewer-1", "viewer-2"):
            answer = await front.ask("{ me { name } }", None, authorization=viewer)
            assert answer.data == {"me": {"name": viewer}}
            assert answer.cache_control == "private, max-age=100"
        assert front.counts("(client)", "(response)")["hits"] == 1


async def test_an_answer_over_the_bound_is_not_kept() -> None:
    config = config_of(responses={"enabled": True, "max_bytes": 20})
    async with open_shop() as shop, open_front(shop, config) as front:
        await front.ask(PAGE)
        await front.ask(PAGE)
        assert front.counts("(client)", "(response)")["stored"] == 0


@pytest.mark.parametrize("query", ["{ __typename }", "{ __schema { queryType { name } } }"])
async def test_answers_without_data_of_subgraphs_are_left_alone(query: str) -> None:
    async with open_shop() as shop, open_front(shop, config_of(**RESPONSES)) as front:
        assert (await front.ask(query)).cache_control is None


async def test_the_debug_header_tells_of_the_answer() -> None:
    async with open_shop() as shop, open_front(shop, config_of(debug=True, **RESPONSES)) as front:
        first = await front.ask(PAGE, None, x_zellige_cache_debug="1")
        second = await front.ask(PAGE, None, x_zellige_cache_debug="1")
        assert first.result.extensions["cache"]["response"] == "miss"
        assert second.result.extensions["cache"] == {"response": "hit"}
