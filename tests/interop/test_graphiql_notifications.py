"""The tour of notifications in a real browser: subscribe in GraphiQL, buy elsewhere, see it arrive."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from router.server.graphiql.build import build_graphiql, why_not_buildable
from router.server.graphiql.built import is_build_fresh
from tests.support.browser import Page, open_page, require_chromium
from tests.support.command import RunningCommand, ask
from tests.support.processes import wait_until
from zellige.demo.credentials import DEMO_PASSWORD
from zellige.services.process import free_port

LOG_IN = "mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken } } }"
SUBSCRIBE = "subscription { notificationReceived { title { fr } order { number total { formatted } } } }"
VARIANTS = "{ products(first: 5) { nodes { variants { id availableQuantity } } } }"
FILL = """
mutation ($input: CartCreateInput!) { cartCreate(input: $input) {
  cart { id total { amountMinor currency } } userErrors { code }
} }
"""
BUY = "mutation ($input: CheckoutInput!) { checkout(input: $input) { order { number } userErrors { code } } }"
ADDRESS = {
    "recipient": "Bilal Meziane",
    "phone": "0550 12 34 56",
    "street": "1, rue Didouche Mourad",
    "town": "Alger",
    "wilayaCode": "16",
}
CONTROL = 2
READY_S_MAX = 400

pytestmark = pytest.mark.skipif(
    not os.environ.get("ZELLIGE_INTEROP") and not is_build_fresh(),
    reason="the page is not built; `make interop` builds it",
)


@pytest.fixture
def shop() -> Iterator[str]:
    """The address of `zellige dev` with its demo shop, on engines of its own."""
    require_chromium()
    reason = why_not_buildable()
    if reason is not None:
        pytest.skip(reason)
    build_graphiql()
    with tempfile.TemporaryDirectory(prefix="zellige-tour-") as path:
        directory, url = Path(path) / "data", f"http://127.0.0.1:{free_port()}"
        options = ("--port", url.rpartition(":")[2], "--data", str(directory), "--no-reload")
        engines = {"DATABASE_URL": "", "REDIS_URL": "", "EVENT_BUS_URL": ""}
        with RunningCommand("dev", *options, environment=engines) as command:
            ready = f"Zellige is ready on {url}"
            wait_until(lambda: ready in command.said or command.process.poll() is not None, READY_S_MAX)
            assert ready in command.said, command.said
            yield url
        if (directory / "postgres").is_symlink():  # as root, the files stand elsewhere
            shutil.rmtree((directory / "postgres").resolve(), ignore_errors=True)


def log_in(url: str) -> str:
    credentials = {"email": "bilal.meziane@demo.zellige.dev", "password": DEMO_PASSWORD}
    answer = ask(f"{url}/graphql", LOG_IN, {"input": credentials})
    return answer["data"]["login"]["tokens"]["accessToken"]


def buy(url: str, token: str) -> int:
    """Returns the number of an order of one piece of the first thing there is."""

    def data(query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        return ask(f"{url}/graphql", query, variables, token=token)["data"]

    products = data(VARIANTS)["products"]["nodes"]
    variant = next(each for one in products for each in one["variants"] if each["availableQuantity"])
    cart = data(FILL, {"input": {"lines": [{"variantId": variant["id"]}]}})["cartCreate"]["cart"]
    given = {
        "idempotencyKey": cart["id"],
        "cartId": cart["id"],
        "acceptedTotal": cart["total"],
        "address": ADDRESS,
    }
    payload = data(BUY, {"input": given})["checkout"]
    assert payload["userErrors"] == []
    return payload["order"]["number"]


async def write(page: Page, editor: str, text: str) -> None:
    """Replaces what an editor holds."""
    await page.click(f"{editor} .view-lines")
    await page.press("a", ord("A"), CONTROL)
    await page.call("Input.insertText", text=text)
    shown = f"document.querySelector({json.dumps(editor + ' .view-lines')}).innerText"
    await page.wait_for(f"{shown}.replaceAll('\\u00a0', ' ').includes({json.dumps(text[:20])})")


async def test_an_order_placed_elsewhere_arrives_in_graphiql(shop: str) -> None:
    token = log_in(shop)
    async with open_page(f"{shop}/") as page:
        await page.wait_for("!!document.querySelector('.graphiql-query-editor .view-lines')")
        await write(page, ".graphiql-query-editor", SUBSCRIBE)
        await page.run(
            "[...document.querySelectorAll('.graphiql-editor-tools button')]"
            ".find(e => e.innerText === 'Headers').click()"
        )
        await write(
            page,
            ".graphiql-editor-tool .graphiql-editor:not(.hidden)",
            json.dumps({"Authorization": f"Bearer {token}"}),
        )
        await page.click(".graphiql-execute-button")
        await page.wait_for("!!document.querySelector('.graphiql-execute-button[aria-label*=\"Stop\"]')")
        number = buy(shop, token)
        pane = "(document.querySelector('.graphiql-response .view-lines')?.innerText ?? '')"
        await page.wait_for(f"{pane}.replaceAll('\\u00a0', ' ').includes('\"number\": {number}')")
        if folder := os.environ.get("ZELLIGE_SCREENSHOTS"):
            await page.screenshot(Path(folder) / "graphiql-notifications.png")
        shown = await page.run(pane)
        assert f"Votre commande n° {number} est confirmée" in shown.replace("\N{NO-BREAK SPACE}", " ")
        assert page.complaints == []
