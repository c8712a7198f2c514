"""A real Chromium, driven over the protocol of its developer tools; no driver program in between."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from websockets.asyncio.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
START_S = 60
STEP_S = 60


class ScriptError(AssertionError):
    """A script in the page threw."""


class Page:
    """One tab; scripts run in it, keys and clicks reach it as a person's would."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends one command and returns its result; what the page complains of meanwhile is kept."""
        number = next(self._numbers)
        await self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(STEP_S):
            while True:
                message = json.loads(await self._connection.recv())
                if message.get("id") == number:
                    assert "error" not in message, f"{method}: {message.get('error')}"
                    return message["result"]
                self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif message.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.complaints.append(parameters["entry"]["text"])

    async def run(self, script: str) -> Any:
        """Returns the value of an expression, awaited if it is a promise."""
        found = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise ScriptError(found["exceptionDetails"].get("exception", {}).get("description", script))
        return found["result"].get("value")

    async def wait_for(self, script: str) -> Any:
        """Returns the value of an expression once it is true; fails when that takes too long."""
        try:
            async with asyncio.timeout(STEP_S):
                while not (value := await self.run(script)):  # noqa: ASYNC110 - the page is another program
                    await asyncio.sleep(0.05)
                return value
        except TimeoutError:
            shown = await self.run("document.body.innerText.slice(0, 2000)")
            raise AssertionError(f"never true: {script}\n{shown}\n{self.complaints}") from None

    async def click(self, selector: str) -> None:
        """Clicks the middle of the first element that matches, once it is there."""
        place = await self.wait_for(
            f"""(() => {{
                const found = document.querySelector({json.dumps(selector)});
                if (!found) return null;
                found.scrollIntoView({{ block: 'nearest' }});
                const box = found.getBoundingClientRect();
                return box.width ? [box.x + box.width / 2, box.y + box.height / 2] : null;
            }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1
            )

    async def press(self, key: str, code: int, modifiers: int = 0) -> None:
        """Presses and releases a key; modifiers are those of the protocol: 2 is Control."""
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            await self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code={" ": "Space"}.get(key, key),
                windowsVirtualKeyCode=code,
                modifiers=modifiers,
                **({"text": text} if text and kind == "keyDown" and not modifiers else {}),
            )

    async def screenshot(self, file: Path) -> None:
        """Writes what a person would see."""
        picture = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(file.write_bytes, base64.b64decode(picture["data"]))


def require_chromium() -> str:
    """Returns the path of a Chromium; skips the test without one."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is on the PATH")
    return found


@contextlib.asynccontextmanager
async def open_page(
    url: str, *, language: str = "en", is_dark: bool = False, size: tuple[int, int] = (1400, 1000)
) -> AsyncIterator[Page]:
    """Opens a page in a browser of its own while the block runs."""
    program = require_chromium()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--no-first-run",
            f"--lang={language}",
            f"--accept-lang={language}",
            f"--window-size={size[0]},{size[1]}",
            f"--user-data-dir={profile}",
            "--remote-debugging-port=0",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with connect(await _tab_of(Path(profile)), max_size=None) as connection:
                page = Page(connection)
                await _prepare(page, language, size, is_dark=is_dark)
                await page.call("Page.navigate", url=url)
                yield page
        finally:
            process.kill()
            await process.wait()


async def _prepare(page: Page, language: str, size: tuple[int, int], *, is_dark: bool) -> None:
    for domain in ("Page", "Runtime", "Log"):
        await page.call(f"{domain}.enable")
    await page.call(
        "Emulation.setDeviceMetricsOverride",
        width=size[0],
        height=size[1],
        deviceScaleFactor=1,
        mobile=False,
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
    await page.call("Emulation.setEmulatedMedia", features=[scheme])
    agent = await page.run("navigator.userAgent")
    await page.call("Network.setUserAgentOverride", userAgent=agent, acceptLanguage=language)


async def _tab_of(profile: Path) -> str:
    """Returns the address of the first tab's developer tools, once the browser has written it down."""
    written = profile / "DevToolsActivePort"
    async with asyncio.timeout(START_S):
        while True:
            lines = written.read_text().splitlines() if written.is_file() else []
            if len(lines) >= 2:
                tabs = await asyncio.to_thread(_list_tabs, int(lines[0]))
                pages = [tab for tab in tabs if tab["type"] == "page"]
                if pages:
                    return pages[0]["webSocketDebuggerUrl"]
            await asyncio.sleep(0.05)


def _list_tabs(port: int) -> list[dict[str, Any]]:
    with urlopen(f"http://127.0.0.1:{port}/json/list") as answer:  # the browser started above
        return json.load(answer)
