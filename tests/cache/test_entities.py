"""Entities and root answers kept one by one: what is fetched, what is not, and for how long."""

from __future__ import annotations

import pytest

from tests.cache.shop import config_of, open_front, open_shop

PAGE = "{ products { id name inStock } }"
ONE = "query ($id: ID!) { product(id: $id) { id inStock } }"


@pytest.mark.parametrize("compile_after", [0, None], ids=["compiled", "interpreted"])
async def test_a_page_asked_twice_is_fetched_once(compile_after: int | None) -> None:
    async with open_shop() as shop, open_front(shop, config_of(), compile_after=compile_after) as front:
        first = await front.ask(PAGE)
        second = await front.ask(PAGE)
        assert first.data == second.data
        assert first.data["products"][0] == {"id": "1", "name": "Khatim", "inStock": 10}
        assert len(shop.fetched("catalogue")) == 1
        assert shop.entities_fetched() == ["1", "2", "3", "4"]
        assert front.counts("stock", "Product")["hits"] == 4
        assert front.counts("catalogue", "(root)")["hits"] == 1


@pytest.mark.parametrize("compile_after", [0, None], ids=["compiled", "interpreted"])
async def test_only_missing_entities_are_fetched(compile_after: int | None) -> None:
    async with open_shop() as shop, open_front(shop, config_of(), compile_after=compile_after) as front:
        await front.ask(ONE, {"id": "2"})
        await front.ask(ONE, {"id": "4"})
        shop.stock["2"] = 77
        answer = await front.ask("{ products { id inStock } }")
        assert shop.entities_fetched() == ["2", "4", "1", "3"]
        assert [one["inStock"] for one in answer.data["products"]] == [10, 10, 10, 10]
        assert [one["id"] for one in answer.data["products"]] == ["1", "2", "3", "4"]
        assert front.counts("stock", "Product") == {
            "hits": 2,
            "misses": 4,
            "stale": 0,
            "stored": 4,
            "refused": 0,
            "shared": 0,
            "refreshed": 0,
        }


async def test_aliases_share_what_arguments_keep_apart() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await front.ask("{ product(id: 1) { inStock } }")
        await front.ask("{ other: product(id: 1) { inStock } }")
        assert shop.entities_fetched() == ["1"]
        await front.ask('{ product(id: 1) { inStock(at: "Oran") } }')
        await front.ask("query ($at: String) { product(id: 1) { inStock(at: $at) } }", {"at": "Alger"})
        await front.ask("query ($at: String) { product(id: 1) { inStock(at: $at) } }", {"at": "Blida"})
        assert shop.entities_fetched() == ["1"] * 4
        await front.ask("query ($at: String) { product(id: 1) { inStock(at: $at) } }", {"at": "Blida"})
        assert shop.entities_fetched() == ["1"] * 4


@pytest.mark.parametrize("compile_after", [0, None], ids=["compiled", "interpreted"])
async def test_an_entity_with_an_error_is_not_kept_and_its_error_stands_at_its_place(
    compile_after: int | None,
) -> None:
    async with open_shop() as shop, open_front(shop, config_of(), compile_after=compile_after) as front:
        await front.ask(ONE, {"id": "1"})
        shop.broken_ids.add("3")
        for _ in range(2):
            answer = await front.ask("{ products { id inStock } }")
            assert answer.result.errors[0].path == ("products", 2, "inStock")
            assert answer.data is None
            assert answer.cache_control is None
        shop.broken_ids.clear()
        answer = await front.ask("{ products { id inStock } }")
        assert [one["inStock"] for one in answer.data["products"]] == [10] * 4
        assert shop.entities_fetched() == ["1", "2", "3", "4", "3", "3"]


async def test_what_is_past_its_age_is_fetched_anew() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        assert (await front.ask(ONE, {"id": "1"})).data["product"]["inStock"] == 10
        shop.stock["1"] = 11
        shop.now += 49
        assert (await front.ask(ONE, {"id": "1"})).data["product"]["inStock"] == 10
        shop.now += 2
        assert (await front.ask(ONE, {"id": "1"})).data["product"]["inStock"] == 11
        assert len(shop.fetched("catalogue")) == 1


async def test_the_smallest_age_goes_out() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        assert (await front.ask("{ products { id } }")).cache_control == "public, max-age=100"
        assert (await front.ask(PAGE)).cache_control == "public, max-age=50"
        shop.now += 20
        assert (await front.ask(PAGE)).cache_control == "public, max-age=30"
        answer = await front.ask(PAGE)
        assert answer.headers["vary"] == "authorization, cookie, accept-language"


async def test_age_nought_keeps_nothing() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        for _ in range(2):
            answer = await front.ask("{ product(id: 1) { inStock never } }")
            assert answer.cache_control is None
        assert shop.entities_fetched() == ["1", "1"]
        assert front.counts("stock", "Product")["refused"] == 2


@pytest.mark.parametrize(
    ("headers", "fetches"),
    [
        ("cache-control: max-age=10\r\n", 1),
        ("cache-control: max-age=10\r\nage: 10\r\n", 2),
        ("cache-control: max-age=10, s-maxage=0\r\n", 2),
        ("cache-control: no-store\r\n", 2),
        ("cache-control: no-cache, max-age=10\r\n", 2),
        ("cache-control: max-age=soon\r\n", 2),
        ("cache-control: private, max-age=10\r\n", 2),
        ("cache-control: max-age=10\r\nvary: accept-language\r\n", 1),
        ("cache-control: max-age=10\r\nvary: accept-encoding, cookie\r\n", 1),
        ("cache-control: max-age=10\r\nvary: traceparent\r\n", 2),
        ("cache-control: max-age=10\r\nvary: *\r\n", 2),
        ("vary: *\r\n", 2),
    ],
)
async def test_the_answer_s_own_headers_count(headers: str, fetches: int) -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        shop.headers["stock"] = headers
        await front.ask(ONE, {"id": "1"})
        await front.ask(ONE, {"id": "1"})
        assert len(shop.entities_fetched()) == fetches
        shop.now += 11
        shop.headers["stock"] = ""
        await front.ask(ONE, {"id": "1"})
        assert len(shop.entities_fetched()) == fetches + 1


async def test_what_has_no_age_takes_the_header_s_or_the_default() -> None:
    query = "{ product(id: 1) { note { text } } }"
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await front.ask(query)
        await front.ask(query)
        assert len(shop.entities_fetched()) == 2
        shop.headers["stock"] = "cache-control: max-age=5\r\n"
        # The first such header teaches the router that the subgraph gives ages.
        await front.ask(query)
        await front.ask(query)
        answer = await front.ask(query)
        assert len(shop.entities_fetched()) == 4
        assert answer.cache_control == "public, max-age=5"
    defaults = config_of(subgraphs={"stock": {"default_max_age_s": 7}})
    async with open_shop() as shop, open_front(shop, defaults) as front:
        await front.ask(query)
        answer = await front.ask(query)
        assert len(shop.entities_fetched()) == 1
        assert answer.cache_control == "public, max-age=7"


async def test_headers_that_are_sent_on_keep_answers_apart() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        await front.ask(ONE, {"id": "1"}, accept_language="ar", x_request_id="1", traceparent="a")
        await front.ask(ONE, {"id": "1"}, accept_language="fr", x_request_id="1", traceparent="a")
        await front.ask(ONE, {"id": "1"}, accept_language="fr", x_request_id="2", traceparent="b")
        assert len(shop.entities_fetched()) == 2
    async with (
        open_shop() as shop,
        open_front(shop, config_of(), propagate_headers=("x-tenant",)) as front,
    ):
        await front.ask(ONE, {"id": "1"}, x_tenant="a")
        await front.ask(ONE, {"id": "1"}, x_tenant="b")
        assert len(shop.entities_fetched()) == 2


async def test_a_subgraph_may_be_left_out() -> None:
    config = config_of(subgraphs={"stock": {"enabled": False}})
    async with open_shop() as shop, open_front(shop, config) as front:
        for _ in range(2):
            assert (await front.ask(PAGE)).cache_control is None
        assert len(shop.fetched("catalogue")) == 1
        assert len(shop.fetched("stock")) == 2


async def test_an_answer_with_another_status_is_not_kept() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        shop.status["stock"] = "500 Internal Server Error"
        for _ in range(2):
            answer = await front.ask(ONE, {"id": "1"})
            assert answer.data["product"]["inStock"] == 10
        assert len(shop.entities_fetched()) == 2


async def test_values_that_json_cannot_tell_apart_are_not_kept() -> None:
    query = "query ($at: String) { product(id: 1) { inStock(at: $at) } }"
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        for _ in range(2):
            assert (await front.ask(query, {"at": "\ud800"})).data["product"]["inStock"] == 10
        assert len(shop.entities_fetched()) == 2


async def test_too_large_an_entity_is_not_kept() -> None:
    async with open_shop() as shop, open_front(shop, config_of(entity_bytes_max=10)) as front:
        await front.ask(ONE, {"id": "1"})
        await front.ask(ONE, {"id": "1"})
        assert len(shop.entities_fetched()) == 2


async def test_the_debug_header_tells_what_was_hit() -> None:
    async with open_shop() as shop, open_front(shop, config_of(debug=True)) as front:
        await front.ask(ONE, {"id": "1"})
        answer = await front.ask("{ products { id inStock } }", x_zellige_cache_debug="1")
        details = answer.result.extensions["cache"]
        assert [(one["service"], one["types"]) for one in details["fetches"]] == [
            ("catalogue", {"(root)": {"misses": 1}}),
            ("stock", {"Product": {"hits": 1, "misses": 3}}),
        ]
        assert "cache" not in (await front.ask("{ products { id inStock } }")).result.extensions
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        answer = await front.ask(ONE, {"id": "1"}, x_zellige_cache_debug="1")
        assert "cache" not in answer.result.extensions
