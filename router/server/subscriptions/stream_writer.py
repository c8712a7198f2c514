"""Writes a stream as the body of one HTTP response, and notices when its client leaves."""

from __future__ import annotations

import asyncio

from router.server.asgi import Receive, Send
from router.server.cors import HeaderList

# Proxies that gather a response before they pass it on would keep events back.
_UNBUFFERED = (b"x-accel-buffering", b"no")


class StreamWriter:
    """One response under way. `write` raises ClientGoneError for a client that is gone or does not read."""

    def __init__(self, send: Send, timeout_s: float) -> None:
        self._send = send
        self._timeout_s = timeout_s
        self._is_over = False

    async def begin(self, content_type: bytes, common: HeaderList) -> None:
        """Sends the head; without a content-length, so that HTTP/1.1 sends chunks."""
        headers = [*common, _UNBUFFERED, (b"content-type", content_type)]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def write(self, data: bytes) -> None:
        """Sends a piece of the stream."""
        await self._write(data, more=True)

    async def end(self, data: bytes = b"") -> None:
        """Sends the last piece."""
        if not self._is_over:
            self._is_over = True
            await self._write(data, more=False)

    async def _write(self, data: bytes, *, more: bool) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._send({"type": "http.response.body", "body": data, "more_body": more})
        except (TimeoutError, OSError, RuntimeError) as error:
            self._is_over = True
            raise ClientGoneError from error


class ClientGoneError(Exception):
    """Nobody reads the stream any more."""


async def until_gone(receive: Receive) -> None:
    """Returns when the client closes its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
