"""A subscription in GraphiQL, in a real browser: events appear one after another, and it can be stopped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from router.config import GraphiqlConfig, ServerConfig
from router.server.graphiql.build import build_graphiql, why_not_buildable
from router.server.graphiql.built import is_build_fresh
from tests.subscriptions.world import until, world
from tests.support.browser import Page, open_page, require_chromium

QUERY = "subscription Placed { orderPlaced { id number total } }"

pytestmark = pytest.mark.skipif(
    not os.environ.get("ZELLIGE_INTEROP") and not is_build_fresh(),
    reason="the page is not built; `make interop` builds it",
)


async def response(page: Page) -> str:
    """Returns what the response pane shows."""
    shown = await page.run("document.querySelector('.graphiql-response .view-lines')?.innerText ?? ''")
    return shown.replace("\N{NO-BREAK SPACE}", " ")


async def shows(page: Page, text: str) -> None:
    """Waits until the response pane shows the text."""
    pane = "document.querySelector('.graphiql-response .view-lines')?.innerText ?? ''"
    await page.wait_for(f"({pane}).replaceAll('\\u00a0', ' ').includes({text!r})")


async def test_events_appear_as_they_happen_and_stopping_ends_the_subscription() -> None:
    require_chromium()
    reason = why_not_buildable()
    if reason is not None:
        pytest.skip(reason)
    build_graphiql()
    server = ServerConfig(graphiql=GraphiqlConfig(enabled=True, default_query=QUERY))
    async with world(server=server) as running, open_page(f"http://127.0.0.1:{running.port}/") as page:
        await page.wait_for("!!document.querySelector('.graphiql-query-editor .view-lines')")
        await page.click(".graphiql-execute-button")
        await until(lambda: running.hub.snapshot()["subscribers"] == 1)
        running.place(7)
        await shows(page, '"total": 70')
        running.place(8)
        await shows(page, '"total": 80')
        assert '"id": "o8"' in await response(page)
        assert page.complaints == []
        if folder := os.environ.get("ZELLIGE_SCREENSHOTS"):
            await page.screenshot(Path(folder) / "graphiql-subscription.png")
        await page.click(".graphiql-execute-button")
        await until(lambda: running.hub.snapshot()["subscribers"] == 0)
