"""Who takes part: our transport, alone and with its whole chain, a floor below it, and a peer beside it."""

from __future__ import annotations

import asyncio
import importlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from router.config import TransportConfig
from router.executor.transport.build import build_client
from router.executor.transport.client import SubgraphRequest
from router.executor.transport.connection import READ_BUFFER_BYTES
from router.executor.transport.http import HttpClient
from router.executor.transport.url import parse_subgraph_url

QUERY = "query Top($first: Int) { topProducts(first: $first) { __typename upc name price weight } }"
VARIABLES = {"first": 20}
BODY = orjson.dumps({"query": QUERY, "variables": VARIABLES})

Ask = Callable[[], Awaitable[Any]]


@dataclass(slots=True)
class Contender:
    """One client and what its rounds cost."""

    name: str
    ask: Ask
    cpu_us: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)


class _Bare(asyncio.BufferedProtocol):
    """Sends fixed bytes and takes the first read after them for the answer: what asyncio itself costs."""

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self.waiter: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "streams only"
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        waiter, self.waiter = self.waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(bytes(self._buffer[:nbytes]))


@asynccontextmanager
async def floor(url: str) -> AsyncIterator[Contender]:
    """No HTTP, no bounds, no timeouts: a socket, a future and the event loop."""
    parsed = parse_subgraph_url(url)
    head = f"POST {parsed.target} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(BODY)}\r\n\r\n"
    payload = head.encode() + BODY
    loop = asyncio.get_running_loop()
    buffer = memoryview(bytearray(READ_BUFFER_BYTES))
    idle: list[_Bare] = []

    async def ask() -> bytes:
        if idle:
            connection = idle.pop()
        else:
            _, connection = await loop.create_connection(lambda: _Bare(buffer), parsed.host, parsed.port)
        connection.waiter = waiter = loop.create_future()
        connection.transport.write(payload)
        answer = await waiter
        idle.append(connection)
        return answer

    yield Contender("floor: bare asyncio", ask)
    for connection in idle:
        connection.transport.close()


@asynccontextmanager
async def undecoded(url: str) -> AsyncIterator[Contender]:
    """Our HTTP client with a prepared body, as compiled plans use it."""
    client = HttpClient("bench", url)
    request = SubgraphRequest(QUERY, body=BODY, wants_body=True)
    yield Contender("ours, undecoded", lambda: client.execute(request))
    await client.close()


@asynccontextmanager
async def whole_chain(url: str) -> AsyncIterator[Contender]:
    """The same with de-duplication, retries and breaker around it; no two requests are equal."""
    client = build_client("bench", [url], TransportConfig())
    # As long as BODY, and another one each time.
    numbers = itertools.count(10)

    def ask() -> Awaitable[Any]:
        body = BODY[:-2] + b"%d}}" % next(numbers)
        return client.execute(SubgraphRequest(QUERY, body=body, wants_body=True))

    yield Contender("ours, whole chain", ask)
    await client.close()


@asynccontextmanager
async def decoded(url: str) -> AsyncIterator[Contender]:
    """Our HTTP client from variables to decoded data."""
    client = HttpClient("bench", url)
    request = SubgraphRequest(QUERY, VARIABLES)
    yield Contender("ours, decoded", lambda: client.execute(request))
    await client.close()


@asynccontextmanager
async def aiohttp_pool(url: str) -> AsyncIterator[Contender | None]:
    """The client of aiohttp with the same JSON library; None where it is not installed."""
    try:
        aiohttp = importlib.import_module("aiohttp")
    except ImportError:
        yield None
        return
    headers = {"content-type": "application/json", "accept": "application/json"}
    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def ask() -> Any:
            body = orjson.dumps({"query": QUERY, "variables": VARIABLES})
            async with session.post(url, data=body) as response:
                return orjson.loads(await response.read())

        yield Contender(f"aiohttp {aiohttp.__version__}, decoded", ask)


CONTENDERS = (floor, undecoded, whole_chain, decoded, aiohttp_pool)
