"""The bound on connections to all subgraphs together."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from router.executor.transport.budget import ConnectionBudget
from router.executor.transport.http import HttpClient
from router.executor.transport.resources import TransportResources
from tests.transport.raw_server import (
    QUERY,
    Peer,
    RawServer,
    Received,
    answer_one,
    client_of,
    never_answer,
    outcome,
    raw_server,
    until,
)


@contextlib.asynccontextmanager
async def subgraphs(
    count: int, connections_max: int, **settings: object
) -> AsyncIterator[tuple[ConnectionBudget, list[RawServer], list[HttpClient]]]:
    """Some subgraphs that answer, and clients for them that share a bound."""
    budget = ConnectionBudget(connections_max)
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(raw_server(answer_one)) for _ in range(count)]
        resources = TransportResources(budget)
        clients = [
            await stack.enter_async_context(client_of(server.url, None, resources, **settings))
            for server in servers
        ]
        yield budget, servers, clients


async def test_connections_to_all_subgraphs_are_bounded() -> None:
    async with subgraphs(3, connections_max=6) as (budget, servers, clients):
        open_most = 0

        async def behave(peer: Peer, request: Received) -> None:
            nonlocal open_most
            open_most = max(open_most, budget.used)
            await asyncio.sleep(0.001)
            await answer_one(peer, request)

        for server in servers:
            server.behaviour = behave
        calls = [outcome(client) for client in clients for _ in range(30)]
        assert set(await asyncio.gather(*calls)) == {"answered"}
        assert open_most <= 6
    assert budget.used == 0


async def test_a_subgraph_that_answers_nobody_leaves_connections_to_the_others() -> None:
    async with subgraphs(2, connections_max=8) as (budget, (dead, _), (to_dead, to_well)):
        dead.behaviour = never_answer
        stuck = [asyncio.create_task(outcome(to_dead)) for _ in range(50)]
        # Half of the eight is reserved, two each: six are the most one of the two can hold.
        await until(lambda: len(dead.received) == 6)
        assert [await outcome(to_well) for _ in range(20)] == ["answered"] * 20
        assert set(await asyncio.gather(*(outcome(to_well) for _ in range(20)))) == {"answered"}
        assert budget.used == 8
        assert len(dead.received) == 6
        for call in stuck:
            call.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)


async def test_idle_connections_make_room_for_who_needs_it() -> None:
    async with subgraphs(2, connections_max=4) as (budget, (one, other), (to_one, to_other)):
        gate = asyncio.Barrier(3)

        async def together(peer: Peer, request: Received) -> None:
            await gate.wait()
            await answer_one(peer, request)

        one.behaviour = other.behaviour = together
        assert set(await asyncio.gather(*(outcome(to_one) for _ in range(3)))) == {"answered"}
        assert to_one.snapshot().idle == 3
        # All three must be open at once to be answered, so the idle ones above the reserve had to go.
        assert set(await asyncio.gather(*(outcome(to_other) for _ in range(3)))) == {"answered"}
        assert (to_one.snapshot().idle, to_other.snapshot().idle, budget.used) == (1, 3, 4)


async def test_who_waits_for_room_gets_what_another_gives_back() -> None:
    async with subgraphs(2, connections_max=4) as (_, (one, _other), (to_one, to_other)):
        release = asyncio.Event()

        async def hold(peer: Peer, request: Received) -> None:
            await release.wait()
            await answer_one(peer, request)

        one.behaviour = hold
        held = [asyncio.create_task(outcome(to_one)) for _ in range(3)]
        await until(lambda: len(one.received) == 3)
        _other.behaviour = hold
        waiting = [asyncio.create_task(outcome(to_other)) for _ in range(3)]
        await until(lambda: to_other.snapshot().waiting == 2)
        release.set()
        assert await asyncio.gather(*held, *waiting) == ["answered"] * 6
        assert to_other.snapshot().waiting == 0


async def test_the_count_is_true_whatever_happens_to_calls(seed: int) -> None:
    draw = random.Random(seed)

    async def behave(peer: Peer, request: Received) -> None:
        fate = draw.random()
        await asyncio.sleep(draw.random() * 0.003)
        if fate < 0.2:
            peer.writer.close()
        elif fate < 0.3:
            peer.answer({"data": {"a": 1}}, headers="connection: close\r\n")
            peer.writer.close()
        else:
            await answer_one(peer, request)

    async def call_and_maybe_cancel(client: HttpClient) -> str:
        call = asyncio.create_task(outcome(client, QUERY))
        if draw.random() < 0.3:
            await asyncio.sleep(draw.random() * 0.02)
            call.cancel()
        try:
            return await call
        except asyncio.CancelledError:
            return "cancelled"

    async with subgraphs(3, connections_max=7, idle_timeout_ms=20) as (budget, servers, clients):
        for server in servers:
            server.behaviour = behave
        calls = [call_and_maybe_cancel(client) for client in clients for _ in range(150)]
        assert set(await asyncio.gather(*calls)) <= {"answered", "cancelled", "SUBGRAPH_UNREACHABLE"}
        held = [client.snapshot() for client in clients]
        assert [(one.waiting, one.in_use) for one in held] == [(0, 0)] * 3
        assert budget.used == sum(one.idle for one in held) <= 7
        # Idle connections are closed in time, though nobody calls any more.
        await until(lambda: budget.used == 0)
