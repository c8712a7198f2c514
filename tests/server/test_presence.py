"""Deadlines, clients that leave, and bodies that never come."""

from __future__ import annotations

import asyncio

from router.config import ServerConfig
from tests.server.serving import DEADLINE_S, parse_answer, request_bytes, serve

SLOW = b'{"query": "{ slow }"}'
JSON = {"content-type": "application/json"}


async def test_a_client_that_leaves_cancels_its_operation() -> None:
    async with serve(slow_seconds=10 * DEADLINE_S) as served:
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(request_bytes("POST", "/graphql", JSON, SLOW))
        await writer.drain()
        async with asyncio.timeout(DEADLINE_S):
            await served.router.slow_started.wait()
            writer.close()
            await writer.wait_closed()
            await served.router.slow_ended.wait()
        assert served.router.slow_outcomes == ["cancelled"]
        assert (await served.post({"query": "{ __typename }"})).status == 200


async def test_a_request_over_its_deadline_is_cancelled_and_answered_504() -> None:
    async with serve(ServerConfig(request_timeout_ms=50), slow_seconds=DEADLINE_S) as served:
        answer = await served.post(SLOW)
        assert (answer.status, answer.codes) == (504, ["REQUEST_TIMEOUT"])
        assert served.router.slow_outcomes == ["cancelled"]


async def test_a_body_that_does_not_come_is_answered_408() -> None:
    async with serve(ServerConfig(body_timeout_ms=50)) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(request_bytes("POST", "/graphql", JSON, SLOW)[:-5])
        async with asyncio.timeout(DEADLINE_S):
            answer = parse_answer(await reader.read())
        writer.close()
        assert (answer.status, answer.codes) == (408, ["REQUEST_TIMEOUT"])


async def test_a_slow_operation_is_answered_while_the_client_waits() -> None:
    async with serve(slow_seconds=0.05) as served:
        answer = await served.post(SLOW)
        assert answer.json == {"data": {"slow": "done"}}
        assert served.router.slow_outcomes == ["finished"]


async def test_one_connection_carries_many_requests() -> None:
    async with serve() as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        request = request_bytes("POST", "/graphql", JSON, b'{"query": "{ __typename }"}')
        kept = request.replace(b"connection: close\r\n", b"")
        for _ in range(3):
            writer.write(kept)
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
            await reader.readuntil(b"}}")
        writer.close()
        assert len(served.router.contexts) == 3
