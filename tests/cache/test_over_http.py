"""The cache of a served router: settings in, headers out, and the way to invalidate it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from router.config import RouterConfig, parse_config
from tests.cache.shop import Shop, open_shop
from tests.server.serving import HttpAnswer, Served, listen
from zellige.assembly.standalone import StandaloneOptions, assemble_standalone

KEY = "a key of some length"
SETTINGS = f"""
server:
  csrf: {{enabled: false}}
cache:
  enabled: true
  debug: true
  responses: {{enabled: true}}
  invalidation:
    key: {KEY}
"""
PAGE = "{ products { id name inStock } }"


@contextlib.asynccontextmanager
async def serve(shop: Shop, tmp_path: Path, text: str = SETTINGS) -> AsyncIterator[Served]:
    """Serves the shop's supergraph by the settings, behind uvicorn."""
    supergraph = tmp_path / "supergraph.graphql"
    supergraph.write_text(shop.supergraph.sdl, encoding="utf-8")
    config: RouterConfig = parse_config(text)
    urls = {name: server.url for name, server in shop.servers.items()}
    standalone = assemble_standalone(StandaloneOptions(config, str(supergraph), urls))
    pages = standalone.app.pages
    async with pages.router.lifespan_context(pages), listen(standalone.app) as port:
        yield Served(port, None)  # type: ignore[arg-type]  # only its client side is used


async def invalidate(served: Served, body: Any, key: str | None = KEY) -> HttpAnswer:
    headers = {"content-type": "application/json"}
    if key is not None:
        headers["authorization"] = f"Bearer {key}"
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await served.send("POST", "/cache/invalidate", headers=headers, body=sent)


async def test_a_page_twice_over_http(tmp_path: Path) -> None:
    async with open_shop() as shop, serve(shop, tmp_path) as served:
        target = f"/graphql?query={quote(PAGE)}"
        first = await served.send("GET", target)
        second = await served.send("GET", target)
        assert first.json == second.json
        assert first.json["data"]["products"][1] == {"id": "2", "name": "Seffsaf", "inStock": 10}
        assert first.headers["cache-control"] == "public, max-age=50"
        seconds = int(second.headers["cache-control"].removeprefix("public, max-age="))
        assert 0 < seconds <= 50
        assert "authorization" in first.headers["vary"].lower()
        assert len(shop.requests) == 2
        again = await served.send("GET", target, headers={"if-none-match": second.headers["etag"]})
        assert again.status == 304
        posted = await served.post({"query": PAGE}, x_zellige_cache_debug="1")
        assert posted.json["extensions"]["cache"] == {"response": "hit"}


async def test_what_may_not_be_kept_says_so(tmp_path: Path) -> None:
    async with open_shop() as shop, serve(shop, tmp_path) as served:
        for query in (
            "{ product(id: 1) { note { text } } }",
            "{ nothing }",
            'mutation { quiet(id: 1, name: "a") { id } }',
        ):
            assert (await served.post({"query": query})).headers["cache-control"] == "no-store"
        answer = await served.post({"query": "{ me { name } }"}, authorization="viewer-1")
        assert answer.headers["cache-control"] == "private, max-age=100"


async def test_whoever_has_the_key_invalidates(tmp_path: Path) -> None:
    async with open_shop() as shop, serve(shop, tmp_path) as served:
        await served.post({"query": PAGE})
        shop.stock["2"] = 3
        body = {"invalidations": [{"subgraph": "stock", "type": "Product", "key": {"id": "2"}}]}
        answer = await invalidate(served, body)
        assert (answer.status, answer.json) == (200, {"invalidated": 1})
        page = await served.post({"query": PAGE})
        assert [one["inStock"] for one in page.json["data"]["products"]] == [10, 3, 10, 10]
        assert shop.entities_fetched() == ["1", "2", "3", "4", "2"]


@pytest.mark.parametrize(
    ("body", "key", "status"),
    [
        ({"invalidations": [{"all": True}]}, None, 401),
        ({"invalidations": [{"all": True}]}, "another key of it", 401),
        ({"invalidations": [{"all": True}]}, "", 401),
        (b"{", KEY, 400),
        ({"invalidations": [{"of": "everything"}]}, KEY, 400),
        ({"invalidations": [{"all": True}] * 1_001}, KEY, 400),
        (b" " * 4_000_001, KEY, 413),
    ],
)
async def test_others_and_other_bodies_are_refused(
    tmp_path: Path, body: Any, key: str | None, status: int
) -> None:
    async with open_shop() as shop, serve(shop, tmp_path) as served:
        await served.post({"query": PAGE})
        answer = await invalidate(served, body, key)
        assert answer.status == status
        assert answer.json["error"]
        await served.post({"query": PAGE})
        assert len(shop.requests) == 2


async def test_without_a_key_there_is_no_way_in(tmp_path: Path) -> None:
    async with open_shop() as shop, serve(shop, tmp_path, "cache: {enabled: true}") as served:
        assert (await invalidate(served, {"invalidations": [{"all": True}]})).status == 404


async def test_viewers_share_no_execution(tmp_path: Path) -> None:
    """Identical queries in flight are shared by the edge, too: never between viewers."""
    async with open_shop() as shop, serve(shop, tmp_path) as served:
        gate = shop.gates["catalogue"] = asyncio.Event()
        shop.arrivals["catalogue"] = asyncio.Event()
        asked = [
            asyncio.create_task(served.post({"query": "{ greeting }"}, **headers))
            for headers in (
                {"cookie": "a=1"},
                {"authorization": "viewer-1"},
                {"authorization": "viewer-2"},
                {},
            )
        ]
        await shop.arrivals["catalogue"].wait()
        gate.set()
        answers = [(await one).json["data"]["greeting"] for one in asked]
        assert answers == ["hello nobody", "hello viewer-1", "hello viewer-2", "hello nobody"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cache: {store: disk}", "cache.store"),
        ("cache: {invalidation: {key: short}}", "cache.invalidation.key"),
        ("cache: {identity_headers: [Authorization]}", "lower case"),
        ("cache: {subgraphs: {stock: {default_max_age: 5}}}", "unknown key"),
        ("cache: {max_age_s_max: 0}", "cache.max_age_s_max"),
    ],
)
def test_wrong_settings_are_refused_with_their_line(text: str, problem: str) -> None:
    with pytest.raises(Exception, match=problem):
        parse_config(text)
