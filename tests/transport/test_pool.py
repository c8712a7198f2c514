"""Connections over time: reuse, bounds, waiting, staleness, deadlines and cancellation."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from router.errors import SubgraphError
from router.executor.transport.client import SubgraphResponse
from router.executor.transport.http import HttpClient
from tests.transport.raw_server import (
    MUTATION,
    QUERY,
    Peer,
    RawServer,
    Received,
    answer_one,
    client_of,
    never_answer,
    only_listen,
    outcome,
    raw_server,
)

ONE = SubgraphResponse({"a": 1})


async def test_one_connection_serves_calls_in_a_row() -> None:
    async with raw_server(answer_one) as server, client_of(server.url) as client:
        for _ in range(5):
            assert await client.execute(QUERY) == ONE
    assert server.connections == 1


async def test_connections_are_bounded_and_the_rest_wait() -> None:
    open_calls: list[int] = [0, 0]

    async def behave(peer: Peer, request: Received) -> None:
        open_calls[0] += 1
        open_calls[1] = max(open_calls)
        await asyncio.sleep(0.01)
        open_calls[0] -= 1
        await answer_one(peer, request)

    async with (
        raw_server(behave) as server,
        client_of(server.url, connections_per_host_max=3) as client,
    ):
        answers = await asyncio.gather(*(client.execute(QUERY) for _ in range(20)))
    assert answers == [ONE] * 20
    assert (server.connections, open_calls) == (3, [0, 3])


async def test_a_full_queue_refuses_at_once() -> None:
    release = asyncio.Event()

    async def behave(peer: Peer, request: Received) -> None:
        await release.wait()
        await answer_one(peer, request)

    settings: Any = {"connections_per_host_max": 1, "queue_per_host_max": 2}
    async with raw_server(behave) as server, client_of(server.url, None, **settings) as client:
        calls = [asyncio.create_task(outcome(client)) for _ in range(5)]
        done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert {call.result() for call in done} == {"OVERLOADED"}
        release.set()
        assert Counter(await asyncio.gather(*calls)) == {"answered": 3, "OVERLOADED": 2}


async def closes_after_each(peer: Peer, _request: Received) -> None:
    # The server ends the connection silently, as after its keep-alive timeout.
    peer.answer({"data": {"a": 1}})
    await peer.writer.drain()
    peer.writer.close()


async def test_an_idle_connection_the_server_closed_is_not_used_again() -> None:
    async with raw_server(closes_after_each) as server, client_of(server.url) as client:
        for request in (QUERY, MUTATION, MUTATION):
            assert await client.execute(request) == ONE
            await asyncio.sleep(0.02)
    assert server.connections == 3


class DropsSecondRequest:
    """Answers the first request of the first connection and drops the second; further connections work."""

    def __init__(self) -> None:
        self.requests = 0

    async def __call__(self, peer: Peer, request: Received) -> None:
        self.requests += 1
        if self.requests == 2:
            peer.writer.close()
            return
        await answer_one(peer, request)


async def test_a_query_on_a_stale_connection_is_sent_once_more() -> None:
    async with raw_server(DropsSecondRequest()) as server, client_of(server.url) as client:
        assert await client.execute(QUERY) == ONE
        assert await client.execute(QUERY) == ONE
    assert (server.connections, len(server.received)) == (2, 3)


async def test_a_mutation_on_a_stale_connection_is_not_sent_again() -> None:
    async with raw_server(DropsSecondRequest()) as server, client_of(server.url) as client:
        assert await client.execute(MUTATION) == ONE
        with pytest.raises(SubgraphError) as caught:
            await client.execute(MUTATION)
        assert caught.value.code == "SUBGRAPH_UNREACHABLE"
        assert await client.execute(MUTATION) == ONE
    assert (server.connections, len(server.received)) == (2, 3)


async def test_a_query_is_not_sent_again_once_an_answer_began() -> None:
    async def behave(peer: Peer, request: Received) -> None:
        if len(server.received) == 2:
            peer.send(b"HTTP/1.1 200 OK\r\n")
            await peer.writer.drain()
            peer.writer.close()
            return
        await answer_one(peer, request)

    async with raw_server(behave) as server, client_of(server.url) as client:
        assert [await outcome(client), await outcome(client)] == ["answered", "SUBGRAPH_UNREACHABLE"]
    assert len(server.received) == 2


async def test_a_new_connection_that_is_dropped_is_not_tried_again() -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.writer.close()

    async with raw_server(behave) as server, client_of(server.url) as client:
        assert await outcome(client) == "SUBGRAPH_UNREACHABLE"
    assert server.connections == 1


@pytest.mark.parametrize("setting", ["read_timeout_ms", "request_timeout_ms"])
async def test_silence_is_a_timeout_and_closes_the_connection(setting: str) -> None:
    settings: Any = {setting: 30}
    async with raw_server(never_answer) as server, client_of(server.url, **settings) as client:
        assert await outcome(client) == "SUBGRAPH_TIMEOUT"
        assert await outcome(client) == "SUBGRAPH_TIMEOUT"
    assert server.connections == 2


async def test_the_whole_time_counts_waiting_in_line() -> None:
    settings: Any = {"connections_per_host_max": 1, "request_timeout_ms": 50, "read_timeout_ms": 60_000}
    async with raw_server(never_answer) as server, client_of(server.url, None, **settings) as client:
        outcomes = await asyncio.gather(*(outcome(client) for _ in range(30)))
    assert outcomes == ["SUBGRAPH_TIMEOUT"] * 30
    # One in line may still get the connection in the moment between another's deadline and its own; were
    # the waiting not counted, each of the thirty would get it.
    assert server.connections < 10


async def test_a_trickle_is_no_silence() -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        for piece in (b"HTTP/1.1 200 OK\r\n", b"content-length: 18\r\n\r\n", b'{"data": ', b'{"a": 1}}'):
            peer.send(piece)
            await peer.writer.drain()
            await asyncio.sleep(0.06)

    async with raw_server(behave) as server, client_of(server.url, read_timeout_ms=150) as client:
        assert await client.execute(QUERY) == ONE


async def test_cancelling_a_call_closes_its_connection() -> None:
    async with raw_server(only_listen) as server, client_of(server.url) as client:
        call = asyncio.create_task(client.execute(QUERY))
        while not server.received:  # noqa: ASYNC110 - what is waited for happens in the server's task
            await asyncio.sleep(0.005)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.closed_by_client.wait()


async def test_unasked_bytes_end_a_connection() -> None:
    async def behave(peer: Peer, request: Received) -> None:
        await answer_one(peer, request)
        peer.answer({"data": {"a": "of nobody"}})

    async with raw_server(behave) as server, client_of(server.url) as client:
        for _ in range(3):
            assert await client.execute(QUERY) == ONE
            await asyncio.sleep(0.01)
    assert server.connections == 3


async def test_idle_connections_are_given_up_in_time() -> None:
    async with raw_server(answer_one) as server, client_of(server.url, idle_timeout_ms=0) as client:
        assert await client.execute(QUERY) == ONE
        await asyncio.sleep(0.01)
        assert await client.execute(QUERY) == ONE
    assert server.connections == 2


async def test_closing_fails_those_under_way_and_in_line() -> None:
    async with (
        raw_server(never_answer) as server,
        client_of(server.url, connections_per_host_max=1) as client,
    ):
        calls = [asyncio.create_task(outcome(client)) for _ in range(3)]
        while not server.received:  # noqa: ASYNC110 - what is waited for happens in the server's task
            await asyncio.sleep(0.005)
        await client.close()
        assert await asyncio.gather(*calls) == ["SUBGRAPH_UNREACHABLE"] * 3
        assert await outcome(client) == "SUBGRAPH_UNREACHABLE"


async def test_no_slot_is_lost_whatever_happens_to_calls(seed: int) -> None:
    draw = random.Random(seed)

    async def behave(peer: Peer, request: Received) -> None:
        fate = draw.random()
        await asyncio.sleep(draw.random() * 0.004)
        if fate < 0.15:
            peer.writer.close()
        elif fate < 0.3:
            peer.answer({"data": {"a": 1}}, headers="connection: close\r\n")
            peer.writer.close()
        else:
            await answer_one(peer, request)

    async def call_and_maybe_cancel(client: HttpClient) -> str:
        call = asyncio.create_task(outcome(client))
        if draw.random() < 0.3:
            await asyncio.sleep(draw.random() * 0.02)
            call.cancel()
        try:
            return await call
        except asyncio.CancelledError:
            return "cancelled"

    async with (
        raw_server(behave) as server,
        client_of(server.url, connections_per_host_max=4) as client,
    ):
        outcomes = Counter(await asyncio.gather(*(call_and_maybe_cancel(client) for _ in range(300))))
        assert set(outcomes) <= {"answered", "cancelled", "SUBGRAPH_UNREACHABLE"}
        await assert_all_slots_work(server, client, slots=4)


async def assert_all_slots_work(server: RawServer, client: HttpClient, *, slots: int) -> None:
    waiting = asyncio.Barrier(slots)

    async def behave(peer: Peer, request: Received) -> None:
        # Nobody is answered before all slots are in use at once.
        await waiting.wait()
        await answer_one(peer, request)

    server.behaviour = behave
    assert await asyncio.gather(*(outcome(client) for _ in range(slots))) == ["answered"] * slots
