"""Redis down, silent or back again: slower, never wrong."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from router.cache.invalidation import Invalidation
from router.config import CacheConfig
from tests.cache.shop import Front, config_of, open_front, open_shop, until
from tests.support.engines import redis_url

_numbers = itertools.count()
ONE = "query ($id: ID!) { product(id: $id) { id inStock } }"


@dataclass
class Line:
    """A TCP line to the real Redis that can be cut, or go silent."""

    port: int = 0
    is_cut: bool = False
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The address of Redis at the end of the line."""
        parts = urlsplit(redis_url())
        credentials, at, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{credentials}{at}127.0.0.1:{self.port}").geturl()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self.carry(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(redis_url())
        there, back = await asyncio.open_connection(parts.hostname, parts.port)
        self.writers |= {writer, back}
        try:
            if not self.is_cut:
                await asyncio.gather(self.copy(reader, back), self.copy(there, writer))
        finally:
            for one in (writer, back):
                one.transport.abort()
                self.writers.discard(one)

    async def copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                await self.flows.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    def cut(self) -> None:
        """Ends every connection and refuses new ones."""
        self.is_cut = True
        for writer in tuple(self.writers):
            writer.transport.abort()

    def mend(self) -> None:
        """Carries again."""
        self.is_cut = False


@contextlib.asynccontextmanager
async def line() -> AsyncIterator[Line]:
    """A line that carries, on a port of its own."""
    one = Line()
    one.flows.set()
    server = await asyncio.start_server(one.accept, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
        for task in tuple(one.tasks):
            task.cancel()
        await asyncio.gather(*one.tasks, return_exceptions=True)


def over(one: Line, prefix: str, **redis: Any) -> CacheConfig:
    """Returns the settings of a cache in Redis at the end of the line."""
    settings = {
        "url": one.url,
        "key_prefix": prefix,
        "timeout_ms": 2_000,
        "pause_ms": 50,
        "failures_max": 1,
    }
    return config_of(store="redis", redis={**settings, **redis})


def _prefix() -> str:
    return f"zellige:test:outage:{os.getpid()}:{next(_numbers)}:"


async def in_stock(front: Front) -> int:
    answer = await front.ask(ONE, {"id": "1"})
    assert answer.codes == []
    return answer.data["product"]["inStock"]


async def test_without_redis_everything_is_answered() -> None:
    async with line() as one, open_shop() as shop, open_front(shop, over(one, _prefix())) as front:
        assert await in_stock(front) == 10
        assert await in_stock(front) == 10
        assert len(shop.entities_fetched()) == 1
        one.cut()
        shop.stock["1"] = 11
        for _ in range(3):
            assert await in_stock(front) == 11
        assert len(shop.entities_fetched()) == 4
        assert {reading.value for reading in front.cache.store.readings()} == {0}
        one.mend()
        # What was kept before is valid still: nobody invalidated it.
        async with asyncio.timeout(20):
            while await in_stock(front) != 10:  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.02)
        assert {reading.value for reading in front.cache.store.readings()} == {1}


async def test_a_silent_redis_is_waited_for_once() -> None:
    async with line() as one:
        config = over(one, _prefix(), timeout_ms=50, pause_ms=600_000)
        async with open_shop() as shop, open_front(shop, config) as front:
            one.flows.clear()
            for _ in range(5):
                assert await in_stock(front) == 10
            assert len(shop.entities_fetched()) == 5
            assert not front.cache.store.is_up  # type: ignore[attr-defined]  # the Redis store's own
            one.flows.set()


async def test_an_invalidation_is_delivered_late_and_nothing_is_read_before() -> None:
    prefix = _prefix()
    async with line() as one, line() as other, open_shop() as shop:
        config, apart = over(one, prefix), over(other, prefix)
        async with open_front(shop, config) as front, open_front(shop, apart) as elsewhere:
            assert await in_stock(front) == await in_stock(elsewhere) == 10
            one.cut()
            shop.stock["1"] = 11
            assert not await front.cache.invalidate([Invalidation(type="Product", key={"id": "1"})])
            # This process knows; the others cannot yet, and theirs is as old as its age allows.
            assert await in_stock(front) == 11
            assert await in_stock(elsewhere) == 10
            assert front.cache.counters.undelivered == 1
            one.mend()
            await _delivered(front)
            assert await in_stock(elsewhere) == 11
            assert await in_stock(front) == 11


async def test_a_mutation_without_redis_is_seen_by_who_made_it() -> None:
    async with line() as one, open_shop() as shop, open_front(shop, over(one, _prefix())) as front:
        await front.ask("{ product(id: 2) { name } }")
        one.cut()
        answer = await front.ask('mutation { rename(id: 2, name: "Zellij") { name } }')
        assert answer.codes == []
        one.mend()
        assert (await front.ask("{ product(id: 2) { name } }")).data["product"]["name"] == "Zellij"
        await _delivered(front)
        assert (await front.ask("{ product(id: 2) { name } }")).data["product"]["name"] == "Zellij"


async def test_what_waits_is_bounded() -> None:
    async with line() as one, open_shop() as shop, open_front(shop, over(one, _prefix())) as front:
        assert await in_stock(front) == 10
        one.cut()
        many = [Invalidation(tag=f"product-{number}") for number in range(6_000)]
        assert not await front.cache.invalidate(many)
        shop.stock["1"] = 11
        one.mend()
        await _delivered(front)
        assert await in_stock(front) == 11


async def _delivered(front: Front) -> None:
    await until(lambda: front.cache.store.is_up)  # type: ignore[attr-defined]  # the Redis store's own
