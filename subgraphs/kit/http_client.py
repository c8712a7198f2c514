"""A small HTTP/1.1 client on asyncio streams, for the few calls a subgraph makes itself.

It serves JWKS fetches, calls to the router and webhooks, one connection per call; redirects are not followed.
Domain traffic never passes here: the router reaches subgraphs, not the other way round.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

import h11

RESPONSE_BYTES_MAX = 20_000_000
_CHUNK = 65_536


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str, int, ssl.SSLContext | None], Awaitable[Connection]]


class HttpCallError(Exception):
    """No answer could be read: refused, timed out, cut off, too large, or not HTTP."""


class HttpUnreachableError(HttpCallError):
    """There was no connection, so nothing was sent. After any other HttpCallError it may have arrived."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A status and the whole body; `headers` have lower-case names, the last of equal ones."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


async def connect_to(host: str, port: int, context: ssl.SSLContext | None) -> Connection:
    """Opens a connection to the host, whatever its address."""
    return await asyncio.open_connection(host, port, ssl=context)


async def call_http(
    method: str,
    url: str,
    *,
    timeout_s: float,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    connect: Connect = connect_to,
) -> HttpAnswer:
    """Sends one request and returns the answer; raises HttpCallError when there is none in time.

    `connect` opens the connection, and may refuse to by an OSError.
    """
    parts = urlsplit(url)
    failure: type[HttpCallError] = HttpUnreachableError
    try:
        async with asyncio.timeout(timeout_s):
            secure = parts.scheme == "https"
            context = ssl.create_default_context() if secure else None
            port = parts.port or (443 if secure else 80)
            connection = await connect(parts.hostname or "", port, context)
            failure = HttpCallError
            return await _exchange(connection, method, parts, dict(headers or {}), body)
    except (OSError, TimeoutError, h11.ProtocolError) as error:
        raise failure(f"{method} {url}: {str(error) or type(error).__name__}") from error


async def _exchange(
    opened: Connection, method: str, parts: SplitResult, headers: dict[str, str], body: bytes
) -> HttpAnswer:
    reader, writer = opened
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
    status, headers, chunks, size = 0, {}, [], 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = {name.decode("ascii"): value.decode("latin-1") for name, value in event.headers}
        elif isinstance(event, h11.Data):
            chunks.append(bytes(event.data))
            size += len(event.data)
            if size > RESPONSE_BYTES_MAX:
                raise HttpCallError(f"The answer is larger than {RESPONSE_BYTES_MAX} bytes")
        elif isinstance(event, h11.EndOfMessage):
            return HttpAnswer(status, b"".join(chunks), headers)
        elif isinstance(event, h11.ConnectionClosed):
            raise HttpCallError("The connection closed before the answer ended")
