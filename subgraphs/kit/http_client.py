"""A small HTTP/1.1 client on asyncio streams, for the few calls a subgraph makes itself.

It serves JWKS fetches and calls to the router, one connection per call. Domain traffic never passes here:
the router reaches subgraphs, not the other way round.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

RESPONSE_BYTES_MAX = 20_000_000
_CHUNK = 65_536


class HttpCallError(Exception):
    """No answer could be read: refused, timed out, cut off, too large, or not HTTP."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A status and the whole body."""

    status: int
    body: bytes


async def call_http(
    method: str,
    url: str,
    *,
    timeout_s: float,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> HttpAnswer:
    """Sends one request and returns the answer; raises HttpCallError when there is none in time."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _exchange(method, url, dict(headers or {}), body)
    except (OSError, TimeoutError, h11.ProtocolError) as error:
        raise HttpCallError(f"{method} {url}: {str(error) or type(error).__name__}") from error


async def _exchange(method: str, url: str, headers: dict[str, str], body: bytes) -> HttpAnswer:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {**headers, "host": parts.netloc, "connection": "close", "content-length": str(len(body))}
        connection = h11.Connection(h11.CLIENT)
        request = h11.Request(method=method, target=target, headers=list(headers.items()))
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _read_answer(connection, reader)
    finally:
        # The answer is whole, or no longer wanted: no farewell to wait for.
        writer.transport.abort()


async def _read_answer(connection: h11.Connection, reader: asyncio.StreamReader) -> HttpAnswer:
    status, chunks, size = 0, [], 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            chunks.append(bytes(event.data))
            size += len(event.data)
            if size > RESPONSE_BYTES_MAX:
                raise HttpCallError(f"The answer is larger than {RESPONSE_BYTES_MAX} bytes")
        elif isinstance(event, h11.EndOfMessage):
            return HttpAnswer(status, b"".join(chunks))
        elif isinstance(event, h11.ConnectionClosed):
            raise HttpCallError("The connection closed before the answer ended")
