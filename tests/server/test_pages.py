"""Health, readiness and the GraphiQL page."""

from __future__ import annotations

import json
import re

import pytest

from router.config import GraphiqlConfig, ServerConfig
from router.server.graphiql.pinned import SCRIPTS, STYLES, pinned_page
from router.server.graphiql.settings import MARKER, insert_settings
from tests.server.serving import Served, serve

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_health_is_alive_and_readiness_follows_the_check(served: Served) -> None:
    alive = await served.send("GET", "/health")
    assert (alive.status, alive.json) == (200, {"status": "alive"})
    ready = await served.send("GET", "/health/ready")
    assert (ready.status, ready.json) == (200, {"status": "ready"})
    served.is_ready = False
    unready = await served.send("GET", "/health/ready")
    served.is_ready = True
    assert unready.status == 503
    assert unready.json["status"] == "not ready"
    assert unready.json["reason"]


async def test_the_page_carries_a_strict_policy_and_its_settings() -> None:
    async with serve(ServerConfig(graphiql=GraphiqlConfig(enabled=True))) as served:
        page = await served.send("GET", "/")
    assert page.status == 200
    assert page.headers["cache-control"] == "no-cache"
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    assert policy["frame-ancestors"] == "'none'"
    block = re.search(rb'id="zellige-settings">(.*?)</script>', page.body)
    assert block is not None
    assert json.loads(block[1])["endpoint"] == "/graphql"


@pytest.mark.parametrize("name", ["nothing.js", "..%2f..%2fpage.py", "%2e%2e%2findex.html"])
async def test_an_asset_that_is_not_there_is_404(name: str) -> None:
    async with serve(ServerConfig(graphiql=GraphiqlConfig(enabled=True))) as served:
        for folder in ("assets", "graphiql-start"):
            assert (await served.send("GET", f"/{folder}/{name}")).status == 404


async def test_the_start_files_of_the_pinned_page_are_served() -> None:
    async with serve(ServerConfig(graphiql=GraphiqlConfig(enabled=True))) as served:
        script = await served.send("GET", "/graphiql-start/start.js")
    assert script.status == 200
    assert script.headers["content-type"].startswith("text/javascript")


async def test_the_page_can_be_switched_off() -> None:
    async with serve(ServerConfig(graphiql=GraphiqlConfig(enabled=False))) as served:
        assert (await served.send("GET", "/")).status == 404


async def test_settings_cannot_break_out_of_their_block() -> None:
    config = ServerConfig(
        graphiql=GraphiqlConfig(enabled=True, default_query="</script><script>alert(1)</script>")
    )
    html = insert_settings(f"<head>{MARKER}</head>", config)
    assert html.count("<script") == 1
    assert html.count("</script>") == 1


async def test_every_pinned_file_has_its_version_and_integrity() -> None:
    page = pinned_page()
    for path, digest in {**SCRIPTS, **STYLES}.items():
        assert re.match(r"[a-z-]+@\d+\.\d+\.\d+/", path)
        assert re.fullmatch(r"sha384-[A-Za-z0-9+/]{64}", digest)
        assert f'/{path}" integrity="{digest}" crossorigin="anonymous"' in page
