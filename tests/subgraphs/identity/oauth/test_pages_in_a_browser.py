"""The pages in a real Chromium, in three languages, reached through the router's application."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
import uvicorn
from argon2 import PasswordHasher
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Response

from router.config import ServerConfig
from subgraphs.identity.app import create_app
from subgraphs.identity.service.passwords import PasswordHashing
from subgraphs.kit.ids import new_id
from tests.subgraphs.identity.factors import add_app
from tests.subgraphs.identity.oauth.conftest import Provider
from tests.subgraphs.identity.people import PASSWORD, People, Person
from tests.support.browser import Page, open_page, require_chromium
from tests.support.subgraph import MovableClock, running_subgraph
from zellige.assembly.passages import IDENTITY_PATHS, Passage, add_passages

HEADINGS = {
    "ar": ("تسجيل الدخول", "التحقق بخطوتين", "السماح بالوصول", "ربط جهاز"),
    "fr": ("Se connecter", "Validation en deux étapes", "Autoriser l'accès", "Connecter un appareil"),
    "en": ("Log in", "Second step", "Allow access", "Connect a device"),
}


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[socket.socket, str]]:
    """Yields a socket and the address people know it by; passkeys and cookies know names, not numbers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener, f"http://localhost:{listener.getsockname()[1]}"


@asynccontextmanager
async def serving(provider: Provider, listener: socket.socket) -> AsyncIterator[None]:
    """Serves identity's paths as the router does, and the page a client gets its people back on."""
    pages = FastAPI()
    add_passages(
        pages, [Passage(path, provider.identity.app.asgi) for path in IDENTITY_PATHS], ServerConfig()
    )
    pages.add_api_route("/callback", lambda: Response("<p id=back>back</p>", media_type="text/html"))
    pages.add_api_route("/favicon.ico", lambda: Response(status_code=204))
    server = uvicorn.Server(uvicorn.Config(pages, log_config=None, lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest.mark.parametrize("language", HEADINGS)
async def test_a_person_logs_in_shows_a_code_agrees_and_comes_back(language: str, tmp_path: Path) -> None:
    require_chromium()
    clock = MovableClock()
    quick = PasswordHashing(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    async with listening() as (listener, url):
        settings = {"public_url": url, "event_bus_name": f"t{new_id().hex[-12:]}"}
        async with running_subgraph(
            "identity", create_app, settings=settings, clock=clock, hashing=quick
        ) as identity:
            provider = Provider(identity, People(identity))
            owner = await provider.people.owner("amina@example.dz", "سوق البهية")
            client = await provider.register(owner, redirectUris=[f"{url}/callback"])
            app, _ = await add_app(identity, owner, clock)
            async with (
                serving(provider, listener),
                open_page(_authorize(url, client.id), language=language, size=(900, 1000)) as page,
            ):
                pictures = Path(os.environ.get("ZELLIGE_SCREENSHOTS", tmp_path))
                await _walk(page, owner, app.next_code(), HEADINGS[language], pictures / language)
                await page.call("Page.navigate", url=f"{url}/oauth/device")
                await _expect(page, HEADINGS[language][3], language)
                await page.screenshot(pictures / f"{language}-device.png")
                assert page.complaints == []
            await provider.close()


async def _walk(page: Page, owner: Person, code: str, headings: tuple[str, ...], pictures: Path) -> None:
    language = pictures.name
    await _expect(page, headings[0], language)
    await page.screenshot(pictures.with_name(f"{language}-login.png"))
    await _type(page, "#email", owner.email)
    await _type(page, "#password", PASSWORD)
    await page.click("button[type=submit]")
    await _expect(page, headings[1], language)
    await page.screenshot(pictures.with_name(f"{language}-factor.png"))
    await _type(page, "#code", code)
    await page.click("button[type=submit]")
    await _expect(page, headings[2], language)
    await page.screenshot(pictures.with_name(f"{language}-consent.png"))
    assert await page.run("document.querySelectorAll('main li').length") >= 4
    await page.click("button[value=allow]")
    await page.wait_for("document.getElementById('back') !== null")
    assert await page.run("new URLSearchParams(location.search).get('state')") == "s-1"
    assert await page.run("new URLSearchParams(location.search).get('code').length") == 43


async def _expect(page: Page, heading: str, language: str) -> None:
    await page.wait_for(f"document.querySelector('h1')?.innerText === {heading!r}")
    direction = "rtl" if language == "ar" else "ltr"
    assert (
        await page.run("document.documentElement.dir + document.documentElement.lang") == direction + language
    )
    # The sheet may come a moment after the heading.
    await page.wait_for("getComputedStyle(document.querySelector('main')).borderRadius === '12px'")
    assert await page.run("document.documentElement.scrollWidth <= innerWidth")


async def _type(page: Page, selector: str, text: str) -> None:
    await page.click(selector)
    await page.call("Input.insertText", text=text)


def _authorize(url: str, client_id: str) -> str:
    parameters = {
        "client_id": client_id,
        "redirect_uri": f"{url}/callback",
        "response_type": "code",
        "scope": "openid profile email offline_access orders:read",
        "state": "s-1",
        "code_challenge": create_s256_code_challenge("v" * 43),
        "code_challenge_method": "S256",
    }
    return f"{url}/oauth/authorize?{urlencode(parameters)}"
