"""Responses that are written in one piece, and those that cannot be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from router.config import ServerConfig
from router.server.asgi import Message, Receive, Scope, Send
from router.server.whole import EXTENSION, send_whole
from tests.server.serving import DEADLINE_S, request_bytes
from tests.server.test_connections import JSON, LARGE, QUERY, REQUEST, Large, bounded

LAST = request_bytes("POST", "/graphql", JSON, QUERY)
ANSWER = b'{"data":{"__typename":"Query"}}'


async def answer_of(reader: asyncio.StreamReader) -> tuple[list[bytes], bytes]:
    """Returns the lines of the next response's head, and its body."""
    async with asyncio.timeout(DEADLINE_S):
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")[:-2]
        length = next(line for line in lines if line.startswith(b"content-length: "))
        return lines, await reader.readexactly(int(length.split()[1]))


async def test_answers_follow_one_another_with_the_headers_of_the_server() -> None:
    async with bounded(ServerConfig()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(REQUEST)
            lines, body = await answer_of(reader)
            assert (lines[0], body) == (b"HTTP/1.1 200 OK", ANSWER)
            names = [line.partition(b": ")[0] for line in lines[1:]]
            assert {b"date", b"x-request-id", b"content-type", b"x-content-type-options"} <= {*names}
            assert len(names) == len({*names})
        writer.close()


async def test_requests_sent_ahead_are_answered_in_their_order() -> None:
    async with bounded(ServerConfig()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        ids = [b"first", b"second", b"third"]
        writer.writelines(REQUEST.replace(b"host:", b"x-request-id: %b\r\nhost:" % one, 1) for one in ids)
        for one in ids:
            lines, body = await answer_of(reader)
            assert b"x-request-id: " + one in lines
            assert body == ANSWER
        writer.close()


async def test_a_client_that_asks_for_the_end_of_its_connection_gets_it() -> None:
    async with bounded(ServerConfig()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(LAST)
        lines, body = await answer_of(reader)
        assert (b"connection: close" in lines, body) == (True, ANSWER)
        async with asyncio.timeout(DEADLINE_S):
            assert await reader.read() == b""
        writer.close()


async def test_a_client_that_reads_slowly_gets_all_of_several_large_answers() -> None:
    async with bounded(ServerConfig(), Large()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=65_536)
        writer.write(REQUEST * 2)
        for _ in range(2):
            _, body = await answer_of(reader)
            assert len(body) == LARGE + len(b'{"data":""}')
        writer.close()


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\rb"])
def test_a_value_with_a_line_of_its_own_is_left_to_the_server(value: bytes) -> None:
    sent: list[tuple[Any, ...]] = []

    def take(*given: Any) -> bool:
        sent.append(given)
        return True

    scope: Scope = {"extensions": {EXTENSION: take}}
    assert not send_whole(scope, 200, [(b"content-length", b"1"), (b"x", value)], b"-")
    assert sent == []
    assert send_whole(scope, 200, [(b"content-length", b"1")], b"-")
    assert sent == [(scope, b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n", b"-")]


async def test_a_server_without_the_extension_gets_two_messages() -> None:
    messages: list[Message] = []
    async with bounded(ServerConfig()) as (port, server):
        app: Any = server.config.loaded_app

        async def plain(scope: Scope, receive: Receive, send: Send) -> None:
            async def noting(message: Message) -> None:
                messages.append(message)
                await send(message)

            await app({**scope, "extensions": {}}, receive, noting)

        async with bounded(ServerConfig(), plain) as (other, _):
            assert other != port
            reader, writer = await asyncio.open_connection("127.0.0.1", other)
            writer.write(REQUEST)
            assert (await answer_of(reader))[1] == ANSWER
            writer.close()
    assert [one["type"] for one in messages] == ["http.response.start", "http.response.body"]
