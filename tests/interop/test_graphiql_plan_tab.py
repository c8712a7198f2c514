"""The query plan in GraphiQL, in a real browser, drawn before a run, timed after it, by mouse or keys."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.config import (
    GraphiqlConfig,
    InspectionConfig,
    IntrospectionConfig,
    RouterConfig,
    ServerConfig,
    TelemetryConfig,
)
from router.server.graphiql.build import build_graphiql, why_not_buildable
from router.server.graphiql.built import is_build_fresh
from tests.support.browser import Page, open_page, require_chromium
from tests.telemetry.serving import ServedShop, serve_router

SHELF = "query Shelf { products { name broken stock reviews { text author { email } } } me { name } }"
TITLES = {"en": "Query plan", "fr": "Plan de requête", "ar": "خطة الاستعلام"}
TAB, ENTER = 9, 13

pytestmark = pytest.mark.skipif(
    not os.environ.get("ZELLIGE_INTEROP") and not is_build_fresh(),
    reason="the page is not built; `make interop` builds it",
)


@asynccontextmanager
async def opened(
    *, query: str = SHELF, dead: tuple[str, ...] = (), **browser: Any
) -> AsyncIterator[tuple[ServedShop, Page]]:
    """Opens the built page over the shop, with the plan tab shown."""
    require_chromium()
    reason = why_not_buildable()
    if reason is not None:
        pytest.skip(reason)
    build_graphiql()
    config = RouterConfig(
        server=ServerConfig(graphiql=GraphiqlConfig(enabled=True, default_query=query)),
        introspection=IntrospectionConfig(enabled=True),
    )
    async with (
        serve_router(config, dead=dead) as shop,
        open_page(f"http://127.0.0.1:{shop.port}/", **browser) as page,
    ):
        await page.wait_for("!!document.querySelector('.graphiql-query-editor .view-lines')")
        await page.click(f'[aria-label*="{TITLES[browser.get("language", "en")]}"]')
        await page.wait_for("!!document.querySelector('.zellige-plan header button')")
        yield shop, page


async def ask_plan(page: Page) -> None:
    await page.click(".zellige-plan header button")
    await page.wait_for("document.querySelectorAll('.zellige-plan-node').length > 0")


async def run(page: Page) -> None:
    await page.click(".graphiql-execute-button")
    await page.wait_for("!!document.querySelector('.zellige-plan-timings')")


async def response(page: Page) -> str:
    # The editor writes spaces that do not break.
    shown = await page.run("document.querySelector('.graphiql-response .view-lines').innerText")
    return shown.replace("\N{NO-BREAK SPACE}", " ")


async def services(page: Page, selector: str) -> list[str]:
    found = await page.run(
        f"JSON.stringify([...document.querySelectorAll('{selector} bdi:first-child')].map(e => e.innerText))"
    )
    return sorted(json.loads(found))


async def test_the_plan_is_drawn_without_running_the_operation() -> None:
    async with opened() as (shop, page):
        await ask_plan(page)
        assert await services(page, ".zellige-plan-service") == [
            "accounts",
            "accounts",
            "inventory",
            "products",
            "reviews",
        ]
        assert shop.seen == []
        # Each fetch stands below those it waits for: an edge goes down.
        edges = await page.run(
            "JSON.stringify([...document.querySelectorAll('.zellige-plan-picture svg > path')]"
            ".map(e => { const b = e.getBBox(); return b.height; }))"
        )
        assert len(json.loads(edges)) == 3
        assert all(height > 0 for height in json.loads(edges))
        assert await page.run("document.querySelector('.zellige-plan-timings') === null")
        assert page.complaints == []


async def test_a_run_puts_its_times_on_the_plan_and_its_answer_stays_clean() -> None:
    async with opened() as (shop, page):
        await run(page)
        assert len(shop.seen) == 5
        notes = await page.run(
            "JSON.stringify([...document.querySelectorAll('.zellige-plan-note')].map(e => e.innerText))"
        )
        assert all("ms" in note for note in json.loads(notes))
        assert (
            await page.run(
                "document.querySelectorAll('.zellige-plan-timings button.zellige-plan-row').length"
            )
            == 5
        )
        # The first run of an operation prepares it, and shows that too.
        assert await page.run("document.querySelectorAll('.zellige-plan-phase').length") > 0
        failed = await services(page, ".zellige-plan-failed .zellige-plan-service")
        assert failed == ["products"]
        assert "the kiln is cold" in await response(page)
        assert page.complaints == []


async def test_the_answer_is_shown_without_its_trace() -> None:
    async with opened(query="{ me { name } }") as (_shop, page):
        await run(page)
        assert json.loads(await response(page)) == {"data": {"me": {"name": "Amel"}}}


async def test_a_fetch_that_failed_and_those_it_kept_from_being_sent_are_marked() -> None:
    async with opened(dead=("reviews",)) as (_shop, page):
        await run(page)
        assert "reviews" in await services(page, ".zellige-plan-failed .zellige-plan-service")
        assert await services(page, ".zellige-plan-unsent .zellige-plan-service") == ["accounts"]


async def test_a_click_shows_the_document_of_a_fetch() -> None:
    async with opened() as (_shop, page):
        await ask_plan(page)
        await page.click('.zellige-plan-node[aria-label*="inventory"]')
        details = await page.wait_for("document.querySelector('.zellige-plan-details')?.innerText")
        assert "_entities(representations: $representations" in details
        assert 'products by { __typename: "Product" id }' in details
        await page.click('.zellige-plan-node[aria-label*="inventory"]')
        await page.wait_for("document.querySelector('.zellige-plan-details') === null")


async def test_the_keyboard_reaches_everything() -> None:
    async with opened() as (_shop, page):
        await page.run("document.querySelector('.zellige-plan header button').focus()")
        await page.press("Enter", ENTER)
        await page.wait_for("document.querySelectorAll('.zellige-plan-node').length === 5")
        for _ in range(5):
            await page.press("Tab", TAB)
        assert await page.run("document.activeElement.classList.contains('zellige-plan-node')")
        focused = await page.run("document.activeElement.innerText.split('\\n')[0]")
        await page.press("Enter", ENTER)
        shown = await page.wait_for("document.querySelector('.zellige-plan-details h3 bdi')?.innerText")
        assert shown == focused
        assert await page.run("document.activeElement.getAttribute('aria-pressed')") == "true"


async def test_a_refused_operation_says_why() -> None:
    async with opened(query="{ nothing }") as (_shop, page):
        await page.click(".zellige-plan header button")
        problem = await page.wait_for("document.querySelector('.zellige-plan-problem')?.innerText")
        assert "nothing" in problem
        await page.run("document.querySelector('.graphiql-execute-button').click()")
        await page.wait_for("document.querySelector('.graphiql-response').innerText.includes('nothing')")
        assert await page.run("document.querySelectorAll('.zellige-plan-node').length") == 0


async def test_an_answer_in_parts_is_timed_at_its_end() -> None:
    async with opened(query="{ products { name ... @defer { reviews { text } } } }") as (_shop, page):
        await run(page)
        assert await services(page, ".zellige-plan-deferred .zellige-plan-service") == ["reviews"]
        assert '"text"' in await response(page)


@pytest.mark.parametrize(("language", "is_dark"), [("ar", True), ("fr", False)])
async def test_the_tab_follows_language_direction_and_theme(
    language: str, is_dark: bool, tmp_path: Path
) -> None:
    async with opened(language=language, is_dark=is_dark) as (_shop, page):
        await run(page)
        assert await page.run("document.querySelector('.zellige-plan h2').innerText") == TITLES[language]
        direction = "rtl" if language == "ar" else "ltr"
        assert (
            await page.run("getComputedStyle(document.querySelector('.zellige-plan')).direction") == direction
        )
        # Two fetches begin at once: the first one stands on the side where reading begins.
        places = await page.run(
            "JSON.stringify([...document.querySelectorAll('.zellige-plan-node')].slice(0, 2)"
            ".map(e => e.getBoundingClientRect().x))"
        )
        first, second = json.loads(places)
        assert (first > second) is (direction == "rtl")
        assert await contrast(page, ".zellige-plan-service bdi", ".zellige-plan-node") >= 4.5
        overflow = (
            "[...document.querySelectorAll('.zellige-plan-row')].some(e => e.scrollWidth > e.clientWidth + 1)"
        )
        assert await page.run(overflow) is False
        picture = tmp_path / f"{language}.png"
        await page.screenshot(picture)
        assert picture.stat().st_size > 20_000


async def contrast(page: Page, text: str, ground: str) -> float:
    """Returns the contrast ratio of WCAG between a text and its ground, as the browser computed both."""
    return await page.run(
        f"""(() => {{
            const canvas = document.createElement('canvas').getContext('2d');
            const light = (colour) => {{
                canvas.fillStyle = '#000';
                canvas.fillStyle = colour;
                canvas.fillRect(0, 0, 1, 1);
                const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => {{
                    v /= 255;
                    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
                }});
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            }};
            const a = light(getComputedStyle(document.querySelector('{text}')).color);
            const b = light(getComputedStyle(document.querySelector('{ground}')).backgroundColor);
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        }})()"""
    )


async def test_the_tab_is_not_there_where_plans_are_not_shown() -> None:
    require_chromium()
    hidden = RouterConfig(telemetry=TelemetryConfig(inspection=InspectionConfig(enabled=False)))
    async with serve_router(hidden) as shop, open_page(f"http://127.0.0.1:{shop.port}/") as page:
        await page.wait_for("!!document.querySelector('.graphiql-query-editor .view-lines')")
        assert await page.run("document.querySelector('[aria-label*=\"Query plan\"]') === null")
