"""One subgraph misbehaves; requests to the others do not notice, and those to it end with a code."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.config import TransportConfig
from router.executor.transport.build import Wiring, build_client
from router.executor.transport.client import SubgraphClient, SubgraphRequest
from tests.transport.raw_server import (
    DEADLINE_S,
    Behaviour,
    Peer,
    RawServer,
    Received,
    answer_one,
    client_of,
    never_answer,
    only_listen,
    outcome,
    raw_server,
    until,
)

CROWD = 100
GIGABYTE = 1_000_000_000


# On a machine that does other things, even the loopback may need seconds for a connection.
FEW_CONNECTIONS = {"connections_max": 64, "connect_timeout_ms": 15_000, "retry": {"backoff_ms": 1}}


@contextlib.asynccontextmanager
async def two_subgraphs(
    misbehaviour: Behaviour, **settings: Any
) -> AsyncIterator[tuple[RawServer, SubgraphClient, SubgraphClient]]:
    """A subgraph that misbehaves and one that is well, as one router sees them."""
    config = TransportConfig.model_validate(FEW_CONNECTIONS | settings)
    wiring = Wiring(config)
    async with raw_server(misbehaviour) as bad, raw_server(answer_one) as well:
        to_bad = build_client("bad", [bad.url], config, wiring)
        to_well = build_client("well", [well.url], config, wiring)
        try:
            async with asyncio.timeout(DEADLINE_S):
                yield bad, to_bad, to_well
        finally:
            await to_bad.close()
            await to_well.close()


def queries(count: int) -> list[SubgraphRequest]:
    """Queries that are not equal, so that none is shared."""
    return [SubgraphRequest("query($n: Int) { a(n: $n) }", {"n": number}) for number in range(count)]


async def reset(peer: Peer, _request: Received) -> None:
    peer.writer.transport.abort()


async def garbage(peer: Peer, _request: Received) -> None:
    peer.send(b"\x16\x03\x01 this is no HTTP \r\n\r\n\x00\xff")


async def drip(peer: Peer, _request: Received) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        while True:
            peer.send(b"1\r\n \r\n")
            await peer.writer.drain()
            await asyncio.sleep(0.01)


async def flood(peer: Peer, _request: Received) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    await pour(peer, b"10000\r\n" + b" " * 65_536 + b"\r\n")


async def flood_of_headers(peer: Peer, _request: Received) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\nx-long: ")
    await pour(peer, b"x" * 65_536)


async def announce_a_gigabyte(peer: Peer, _request: Received) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % GIGABYTE)


async def pour(peer: Peer, piece: bytes) -> None:
    """Sends a gigabyte, unless the client closes before."""
    with contextlib.suppress(ConnectionError):
        for _ in range(GIGABYTE // len(piece)):
            peer.send(piece)
            await peer.writer.drain()
        raise AssertionError("the client took a gigabyte")


@pytest.mark.parametrize("misbehaviour", [never_answer, drip], ids=["silent", "dripping"])
async def test_a_subgraph_that_does_not_come_to_an_end_holds_up_nobody_else(misbehaviour: Behaviour) -> None:
    async with two_subgraphs(misbehaviour, request_timeout_ms=60_000) as (bad, to_bad, to_well):
        crowd = [asyncio.create_task(outcome(to_bad, request)) for request in queries(CROWD)]
        # It has taken what it can of the connections there are for both.
        await until(lambda: bad.connections == 48)
        answers = await asyncio.gather(*(outcome(to_well, request) for request in queries(CROWD)))
        assert answers == ["answered"] * CROWD
        assert not any(call.done() for call in crowd)
        for call in crowd:
            call.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)


@pytest.mark.parametrize(
    ("misbehaviour", "timeout_ms", "code"),
    [
        (reset, 15_000, "SUBGRAPH_UNREACHABLE"),
        (garbage, 15_000, "SUBGRAPH_MALFORMED_RESPONSE"),
        (never_answer, 300, "SUBGRAPH_TIMEOUT"),
        (drip, 300, "SUBGRAPH_TIMEOUT"),
        (flood, 15_000, "SUBGRAPH_MALFORMED_RESPONSE"),
        (flood_of_headers, 15_000, "SUBGRAPH_MALFORMED_RESPONSE"),
        (announce_a_gigabyte, 15_000, "SUBGRAPH_MALFORMED_RESPONSE"),
    ],
    ids=["reset", "garbage", "silent", "dripping", "flood", "flood of headers", "announced flood"],
)
async def test_who_needs_it_is_told_by_a_code_and_who_does_not_is_answered(
    misbehaviour: Behaviour, timeout_ms: int, code: str
) -> None:
    settings: Any = {
        "subgraphs": {"bad": {"request_timeout_ms": timeout_ms}},
        "max_response_bytes": 1_000_000,
        "breaker": {"requests_min": 30},
    }
    async with two_subgraphs(misbehaviour, **settings) as (bad, to_bad, to_well):
        crowd = [asyncio.create_task(outcome(to_bad, request)) for request in queries(CROWD)]
        answers = await asyncio.gather(*(outcome(to_well, request) for request in queries(CROWD)))
        assert answers == ["answered"] * CROWD
        codes = set(await asyncio.gather(*crowd))
        assert code in codes
        # Once enough have failed the rest is told at once.
        assert codes <= {code, "SUBGRAPH_CIRCUIT_OPEN"}
        assert await outcome(to_bad) == "SUBGRAPH_CIRCUIT_OPEN"
        assert await outcome(to_well) == "answered"
        await until(lambda: not bad.conversations or misbehaviour is never_answer)


async def test_a_subgraph_that_is_gone_is_told_by_a_code() -> None:
    async with two_subgraphs(answer_one) as (bad, to_bad, to_well):
        assert await outcome(to_bad) == "answered"
    async with raw_server(answer_one) as well, client_of(bad.url) as to_bad, client_of(well.url) as to_well:
        assert await outcome(to_bad) == "SUBGRAPH_UNREACHABLE"
        assert await outcome(to_well) == "answered"


async def test_everything_a_vanished_client_waited_for_is_closed() -> None:
    async with two_subgraphs(only_listen) as (bad, to_bad, _to_well):
        async with asyncio.TaskGroup() as group:
            crowd = [group.create_task(outcome(to_bad, request)) for request in queries(40)]
            await until(lambda: len(bad.received) == 40)
            for call in crowd:
                call.cancel()
        await until(lambda: not bad.conversations)
