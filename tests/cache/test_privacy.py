"""Nothing answered to one viewer ever reaches another, whatever way it could take."""

from __future__ import annotations

import asyncio
import random
import re
from typing import Any

import pytest

from router.config import CacheConfig
from tests.cache.shop import Answer, Front, Shop, config_of, open_front, open_shop
from tests.support.engines import redis_url

ME = "{ me { name } }"
OWN = "{ product(id: 1) { ownPrice } }"
NOTE = "{ product(id: 1) { note { text } } }"
GREETING = "{ greeting }"
PRIVATE = {"private": True, "viewer_key": "a secret of sixteen"}


def said_to(answer: Answer) -> set[str]:
    """Returns everybody the answer says it is for."""
    text = str(answer.data)
    return set(re.findall(r"nobody|viewer-\d+", text))


async def ask_as(front: Front, query: str, viewer: str | None) -> Answer:
    headers = {} if viewer is None else {"authorization": viewer}
    return await front.ask(query, None, **headers)


@pytest.mark.parametrize("query", [ME, OWN, NOTE, GREETING])
@pytest.mark.parametrize("settings", [{}, PRIVATE], ids=["shared only", "private too"])
async def test_viewers_get_their_own(query: str, settings: dict[str, Any]) -> None:
    config = config_of(defaults={"default_max_age_s": 30}, responses={"enabled": True}, **settings)
    async with open_shop() as shop, open_front(shop, config) as front:
        for _ in range(2):
            for viewer in ("viewer-1", None, "viewer-2"):
                answer = await ask_as(front, query, viewer)
                assert said_to(answer) == {viewer or "nobody"}


async def test_private_data_is_not_kept_unless_the_settings_say_so() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        for _ in range(2):
            answer = await ask_as(front, ME, "viewer-1")
            assert answer.cache_control == "private, max-age=100"
            await ask_as(front, OWN, "viewer-1")
        assert len(shop.fetched("catalogue")) == 2 + 1  # the product itself is public
        assert len(shop.entities_fetched()) == 2
    async with open_shop() as shop, open_front(shop, config_of(**PRIVATE)) as front:
        for _ in range(2):
            assert (await ask_as(front, OWN, "viewer-1")).cache_control == "private, max-age=40"
        assert len(shop.entities_fetched()) == 1


async def test_private_data_is_never_kept_without_a_viewer() -> None:
    async with open_shop() as shop, open_front(shop, config_of(**PRIVATE)) as front:
        for _ in range(2):
            assert (await ask_as(front, OWN, None)).cache_control == "private, max-age=40"
        assert len(shop.entities_fetched()) == 2


async def test_public_data_is_shared_by_all() -> None:
    query = "{ products { name inStock } }"
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        for viewer in ("viewer-1", None, "viewer-2"):
            answer = await ask_as(front, query, viewer)
            assert answer.cache_control == "public, max-age=50"
        assert len(shop.fetched("catalogue")) == 1
        assert len(shop.fetched("stock")) == 1


async def test_what_nobody_calls_public_is_shared_by_nobody() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        for viewer in ("viewer-1", "viewer-1", None, None, "viewer-2"):
            answer = await ask_as(front, GREETING, viewer)
            assert answer.data == {"greeting": f"hello {viewer or 'nobody'}"}
            kind = "public" if viewer is None else "private"
            assert answer.cache_control == f"{kind}, max-age=100"
        # Two of viewer-1, one for everybody without credentials, one of viewer-2.
        assert len(shop.fetched("catalogue")) == 4


@pytest.mark.parametrize("header", ["private, max-age=60", 'private="note", max-age=60', "max-age=60"])
async def test_a_header_makes_public_data_private(header: str) -> None:
    """The schema calls the stock public; an answer may say of itself that it is not."""
    query = "{ product(id: 1) { inStock } }"
    async with open_shop() as shop, open_front(shop, config_of(**PRIVATE)) as front:
        shop.headers["stock"] = f"cache-control: {header}\r\n"
        for viewer in ("viewer-1", "viewer-2"):
            answer = await ask_as(front, query, viewer)
            expected = "private" if "private" in header else "public"
            assert answer.cache_control == f"{expected}, max-age=50"
        assert len(shop.entities_fetched()) == (2 if "private" in header else 1)


async def test_an_answer_that_varies_by_who_asks_is_not_shared() -> None:
    query = "{ product(id: 1) { inStock } }"
    async with open_shop() as shop, open_front(shop, config_of(**PRIVATE)) as front:
        shop.headers["stock"] = "vary: Authorization\r\n"
        for viewer in ("viewer-1", "viewer-2"):
            assert (await ask_as(front, query, viewer)).cache_control == "private, max-age=50"
        assert len(shop.entities_fetched()) == 2


async def test_a_public_header_shares_what_the_schema_is_silent_of() -> None:
    async with open_shop() as shop, open_front(shop, config_of()) as front:
        shop.headers["stock"] = "cache-control: public, max-age=20\r\n"
        # The first header of the subgraph teaches the router to look; the second answer is kept.
        for viewer in ("viewer-0", "viewer-1", "viewer-2", None):
            await ask_as(front, "{ product(id: 1) { note { text } } }", viewer)
        assert len(shop.entities_fetched()) == 2
        # A header does not overrule what the schema calls private.
        for viewer in ("viewer-1", "viewer-2"):
            assert said_to(await ask_as(front, OWN, viewer)) == {viewer}


async def test_a_public_type_does_not_make_the_way_to_it_public() -> None:
    """Everybody may see each product; which of them are whose favourites, nobody said."""
    async with open_shop() as shop, open_front(shop, config_of(**PRIVATE)) as front:
        shop.favourites = {"viewer-1": ["1", "2"], "viewer-2": ["3"]}
        for viewer, ids in (
            ("viewer-1", ["1", "2"]),
            ("viewer-2", ["3"]),
            (None, []),
            ("viewer-1", ["1", "2"]),
        ):
            answer = await ask_as(front, "{ favourites { id inStock } }", viewer)
            assert [one["id"] for one in answer.data["favourites"]] == ids
        assert len(shop.fetched("catalogue")) == 3
        # The products themselves are shared.
        await ask_as(front, "{ product(id: 3) { inStock } }", "viewer-4")
        assert shop.entities_fetched() == ["1", "2", "3"]


async def test_cookies_make_a_viewer_too() -> None:
    config = config_of(identity_headers=("authorization", "cookie", "x-cart"), responses={"enabled": True})
    async with open_shop() as shop, open_front(shop, config) as front:
        await front.ask(GREETING)
        for headers in ({"cookie": "session=1"}, {"x_cart": "1"}):
            answer = await front.ask(GREETING, None, **headers)
            assert answer.cache_control == "private, max-age=100"
        assert len(shop.fetched("catalogue")) == 3


@pytest.mark.parametrize("store", ["memory", "redis", "fronted"])
@pytest.mark.parametrize("settings", [{}, PRIVATE], ids=["shared only", "private too"])
async def test_many_viewers_at_once(store: str, settings: dict[str, Any], seed: int) -> None:
    """Viewers ask for everything at once, through two processes, with hits, misses, stale entries,
    stampedes, failures and clients that leave; each must only ever see what was said to them.
    """
    draw = random.Random(seed)
    config = _any_store(store, seed, settings)
    async with open_shop() as shop, open_front(shop, config) as one, open_front(shop, config) as two:
        for _ in range(12):
            _disturb(shop, draw)
            wanted = [
                (draw.choice((one, two)), draw.choice((ME, OWN, NOTE, GREETING)), draw.randrange(-1, 6))
                for _ in range(40)
            ]
            asked = [asyncio.create_task(_ask_and_check(*each)) for each in wanted]
            for task in draw.sample(asked, 4):
                await asyncio.sleep(0)
                task.cancel()
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            faults = [one for one in outcomes if isinstance(one, Exception)]
            assert not faults, faults[0]
        shop.failing.clear()
        for front in (one, two):
            await front.settle()


def _any_store(store: str, seed: int, settings: dict[str, Any]) -> CacheConfig:
    redis = {"url": redis_url(), "key_prefix": f"zellige:test:privacy:{seed}:", "timeout_ms": 5_000}
    return config_of(
        store="memory" if store == "memory" else "redis",
        redis={**redis, "front_max_age_ms": 1_000 if store == "fronted" else 0},
        defaults={"default_max_age_s": 5, "stale_while_revalidate_s": 5, "stale_if_error_s": 20},
        responses={"enabled": True},
        **settings,
    )


def _disturb(shop: Shop, draw: random.Random) -> None:
    shop.now += draw.choice((0, 1, 6, 60))
    shop.failing = {name for name in ("catalogue", "stock") if draw.random() < 0.2}
    for name in ("catalogue", "stock"):
        shop.headers[name] = draw.choice(("", "cache-control: max-age=9\r\n", "cache-control: private\r\n"))


async def _ask_and_check(front: Front, query: str, number: int) -> None:
    viewer = None if number < 0 else f"viewer-{number}"
    answer = await ask_as(front, query, viewer)
    assert said_to(answer) <= {viewer or "nobody"}, (query, viewer, answer.data)
