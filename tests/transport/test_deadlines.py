"""A call ends with the time of the client it is for, wherever it stands by then."""

from __future__ import annotations

import asyncio

import pytest

from router.errors import SubgraphError, SubgraphFault
from router.executor.transport.client import RequestScope, SubgraphRequest, SubgraphResponse
from tests.transport.raw_server import (
    MUTATION,
    QUERY,
    Peer,
    Received,
    answer_one,
    client_of,
    only_listen,
    outcome,
    raw_server,
    until,
)

ONE = SubgraphResponse({"a": 1})


def query_within(seconds: float) -> SubgraphRequest:
    deadline_at = asyncio.get_running_loop().time() + seconds
    return SubgraphRequest("{ a }", scope=RequestScope(deadline_at=deadline_at))


async def test_the_clients_deadline_ends_a_call_and_closes_its_connection() -> None:
    async with raw_server(only_listen) as server, client_of(server.url, deadline_margin_ms=0) as client:
        with pytest.raises(SubgraphError) as caught:
            await client.execute(query_within(0.05))
        assert (caught.value.code, caught.value.fault) == ("SUBGRAPH_TIMEOUT", SubgraphFault.DEADLINE)
        await server.closed_by_client.wait()


async def test_a_margin_is_kept_for_the_answer() -> None:
    loop = asyncio.get_running_loop()
    async with raw_server(only_listen) as server, client_of(server.url, deadline_margin_ms=2_000) as client:
        request = query_within(2.05)
        assert await outcome(client, request) == "SUBGRAPH_TIMEOUT"
        assert request.scope.deadline_at is not None
        assert loop.time() < request.scope.deadline_at


async def test_a_call_whose_time_is_over_is_not_sent() -> None:
    async with raw_server(answer_one) as server, client_of(server.url) as client:
        assert await client.execute(QUERY) == ONE
        assert await outcome(client, query_within(-1)) == "SUBGRAPH_TIMEOUT"
        assert await client.execute(QUERY) == ONE
    assert (server.connections, len(server.received)) == (1, 2)


async def test_waiting_in_line_ends_with_the_deadline_too() -> None:
    async with raw_server(only_listen) as server, client_of(server.url, connections_per_host_max=1) as client:
        first = asyncio.create_task(outcome(client))
        await until(lambda: server.received)
        assert await outcome(client, query_within(0.05)) == "SUBGRAPH_TIMEOUT"
        assert client.snapshot().waiting == 0
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    assert len(server.received) == 1


async def test_a_slow_subgraph_is_told_apart_from_a_client_in_a_hurry() -> None:
    async with raw_server(only_listen) as server, client_of(server.url, request_timeout_ms=40) as client:
        with pytest.raises(SubgraphError) as caught:
            await client.execute(query_within(30))
        assert caught.value.fault is SubgraphFault.SILENCE


async def test_an_earlier_deadline_counts_on_a_connection_that_had_a_later_one() -> None:
    async with raw_server(answer_one) as server, client_of(server.url) as client:
        assert await client.execute(query_within(30)) == ONE
        server.behaviour = only_listen
        assert await outcome(client, query_within(0.1)) == "SUBGRAPH_TIMEOUT"


async def test_a_later_deadline_counts_on_a_connection_that_had_an_earlier_one() -> None:
    async def answer_later(peer: Peer, request: Received) -> None:
        await asyncio.sleep(0.2)
        await answer_one(peer, request)

    async with raw_server(answer_one) as server, client_of(server.url, deadline_margin_ms=0) as client:
        assert await client.execute(query_within(0.15)) == ONE
        server.behaviour = answer_later
        assert await client.execute(query_within(30)) == ONE
    assert server.connections == 1


async def test_the_subgraph_is_told_its_time() -> None:
    async with raw_server(answer_one) as server:
        async with client_of(server.url, deadline_margin_ms=100) as client:
            await client.execute(query_within(5.1))
            await client.execute(QUERY)
            await client.execute(MUTATION)
        async with client_of(server.url, deadline_header="X-Time-Left") as client:
            await client.execute(query_within(5))
        async with client_of(server.url, deadline_header=None) as client:
            await client.execute(query_within(5))
    told = [int(one.headers.get("x-request-timeout-ms", 0)) for one in server.received]
    assert 0 < told[0] <= 5_000
    assert 5_000 < told[1] <= 20_000
    assert 5_000 < told[2] <= 20_000
    assert told[3:] == [0, 0]
    assert 0 < int(server.received[3].headers["x-time-left"]) <= 5_000


async def test_a_client_that_leaves_while_it_is_connected_for_leaves_nothing_behind() -> None:
    connected = asyncio.Event()

    async def handshake_never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await _reader.read()
        writer.close()

    server = await asyncio.start_server(handshake_never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, client_of(f"https://127.0.0.1:{port}/", connections_per_host_max=1) as client:
        for _ in range(3):
            connected.clear()
            call = asyncio.create_task(client.execute(QUERY))
            await connected.wait()  # it waits for a TLS handshake that never comes
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        assert (client.snapshot().in_use, client.snapshot().waiting) == (0, 0)
