"""The circuit breaker: its states over time, and what it counts of real exchanges."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.config import BreakerConfig
from router.errors import SubgraphError, SubgraphFault
from router.executor.transport.breaker import Breaker, BreakingClient
from router.executor.transport.client import RequestScope, SubgraphRequest, SubgraphResponse
from router.executor.transport.events import BreakerState, TransportEvents
from tests.transport.raw_server import (
    QUERY,
    Behaviour,
    Peer,
    RawServer,
    Received,
    answer_one,
    client_of,
    only_listen,
    outcome,
    raw_server,
    until,
)

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
ONE = SubgraphResponse({"a": 1})


class Clocked:
    """A breaker on a clock that the test moves; requests take no time."""

    def __init__(self, **config: Any) -> None:
        self.now = 1_000.0
        self.changes: list[tuple[BreakerState, BreakerState]] = []
        settings = {"requests_min": 4, "probes": 2, "open_ms": 5_000, "window_ms": 10_000, **config}
        self.breaker = Breaker(
            BreakerConfig.model_validate(settings), lambda before, after: self.changes.append((before, after))
        )

    def ask(self, *outcomes: bool) -> list[bool]:
        """Sends requests that fail where True stands; returns which were let through."""
        passed: list[bool] = []
        for is_failure in outcomes:
            passed.append(self.breaker.admits(self.now))
            if passed[-1]:
                self.breaker.record(self.breaker.era, self.now, is_failure=is_failure)
        return passed


def test_it_opens_from_its_share_of_failures_on() -> None:
    clocked = Clocked(failures_percent=50)
    assert clocked.ask(True, False, False, True) == [True] * 4
    assert clocked.breaker.state is OPEN
    assert clocked.ask(False) == [False]


def test_it_stays_closed_below_its_share_and_below_its_volume() -> None:
    clocked = Clocked(failures_percent=50)
    clocked.ask(*[True] * 3)
    assert clocked.breaker.state is CLOSED
    clocked = Clocked(failures_percent=50)
    clocked.ask(False, False, False, True, True, False, False, True)
    assert clocked.breaker.state is CLOSED


def test_what_lies_before_the_window_does_not_count() -> None:
    clocked = Clocked()
    clocked.ask(True, True, True)
    clocked.now += 10.0
    clocked.ask(True)
    assert clocked.breaker.state is CLOSED
    assert clocked.breaker.snapshot(clocked.now).requests == 1
    clocked.now += 1_000_000.0
    assert clocked.breaker.snapshot(clocked.now).requests == 0


def test_the_window_slides_in_steps() -> None:
    clocked = Clocked(requests_min=100)
    counts: list[int] = []
    for _ in range(25):
        clocked.ask(True)
        counts.append(clocked.breaker.snapshot(clocked.now).failures)
        clocked.now += 1.0
    assert counts == [*range(1, 11), *[10] * 15]


def test_half_open_lets_a_few_pass_and_closes_when_they_succeed() -> None:
    clocked = Clocked(probes=2)
    clocked.ask(*[True] * 4)
    clocked.now += 4.999
    assert clocked.ask(False) == [False]
    clocked.now += 0.001
    breaker = clocked.breaker
    assert [breaker.admits(clocked.now) for _ in range(3)] == [True, True, False]
    breaker.record(breaker.era, clocked.now, is_failure=False)
    assert not breaker.admits(clocked.now)
    breaker.record(breaker.era, clocked.now, is_failure=False)
    assert breaker.state is CLOSED
    assert breaker.snapshot(clocked.now).requests == 0
    assert clocked.changes == [(CLOSED, OPEN), (OPEN, HALF_OPEN), (HALF_OPEN, CLOSED)]


def test_a_probe_that_fails_opens_it_for_another_while() -> None:
    clocked = Clocked()
    clocked.ask(*[True] * 4)
    clocked.now += 5
    assert clocked.ask(True, False) == [True, False]
    clocked.now += 4.9
    assert clocked.ask(False) == [False]
    clocked.now += 0.1
    assert clocked.ask(False) == [True]


def test_a_probe_that_says_nothing_leaves_its_place_to_another() -> None:
    clocked = Clocked(probes=1)
    clocked.ask(*[True] * 4)
    clocked.now += 5
    breaker = clocked.breaker
    assert [breaker.admits(clocked.now), breaker.admits(clocked.now)] == [True, False]
    breaker.forget(breaker.era)
    assert breaker.admits(clocked.now)


def test_late_outcomes_of_an_earlier_state_do_not_count() -> None:
    clocked = Clocked(probes=1)
    breaker = clocked.breaker
    era = breaker.era
    clocked.ask(*[True] * 4)
    clocked.now += 5
    assert breaker.admits(clocked.now)
    for _ in range(5):
        breaker.record(era, clocked.now, is_failure=True)
        breaker.forget(era)
    assert breaker.state is HALF_OPEN
    breaker.record(breaker.era, clocked.now, is_failure=False)
    assert breaker.state is CLOSED


class Heard(TransportEvents):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.changes: list[tuple[BreakerState, BreakerState]] = []
        self.refusals = 0

    def breaker_changed(self, service: str, before: BreakerState, after: BreakerState) -> None:
        self.changes.append((before, after))

    def refused_by_breaker(self, service: str) -> None:
        self.refusals += 1


@contextlib.asynccontextmanager
async def breaking(
    behaviour: Behaviour, heard: TransportEvents | None = None, breaker: Any = None, **settings: Any
) -> AsyncIterator[tuple[RawServer, BreakingClient]]:
    config = BreakerConfig.model_validate({"requests_min": 5, "open_ms": 60_000, **(breaker or {})})
    async with raw_server(behaviour) as server, client_of(server.url, **settings) as http:
        yield server, BreakingClient("shop", http, config, heard or TransportEvents())


async def reset(peer: Peer, _request: Received) -> None:
    peer.writer.transport.abort()


def answering(line: str, body: bytes) -> Behaviour:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer(body, status=line)

    return behave


@pytest.mark.parametrize(
    ("failing", "code"),
    [
        (reset, "SUBGRAPH_UNREACHABLE"),
        (only_listen, "SUBGRAPH_TIMEOUT"),
        (answering("500 Oops", b""), "SUBGRAPH_HTTP_ERROR"),
        (answering("200 OK", b"<html>"), "SUBGRAPH_MALFORMED_RESPONSE"),
        (answering("500 Oops", b'{"errors": [{"message": "no"}]}'), "answered"),
    ],
    ids=["reset", "silent", "500", "garbage", "500 with GraphQL"],
)
async def test_it_opens_on_failures_and_answers_at_once(failing: Behaviour, code: str) -> None:
    heard = Heard()
    async with breaking(failing, heard, read_timeout_ms=20) as (server, client):
        assert [await outcome(client) for _ in range(8)] == [code] * 5 + ["SUBGRAPH_CIRCUIT_OPEN"] * 3
        assert len(server.received) == 5
        assert (heard.refusals, heard.changes) == (3, [(CLOSED, OPEN)])
        snapshot = client.snapshot()
        assert (snapshot.state, snapshot.requests, snapshot.failures) == (OPEN, 5, 5)
        with pytest.raises(SubgraphError) as caught:
            await client.execute(QUERY)
        assert caught.value.fault is SubgraphFault.CIRCUIT_OPEN
        assert caught.value.message == 'The subgraph "shop" is failing and is not asked for now'


@pytest.mark.parametrize(
    "answering_well",
    [
        answering("200 OK", b'{"errors": [{"message": "no"}], "data": null}'),
        answering("400 Bad Request", b'{"errors": [{"message": "no"}]}'),
        answering("403 Forbidden", b"no"),
    ],
    ids=["GraphQL errors", "400 with GraphQL", "403"],
)
async def test_answers_nobody_likes_are_no_failures(answering_well: Behaviour) -> None:
    async with breaking(answering_well) as (server, client):
        for _ in range(10):
            await outcome(client)
        assert (len(server.received), client.snapshot().failures) == (10, 0)


async def test_it_closes_when_the_subgraph_is_well_again() -> None:
    heard = Heard()
    async with breaking(reset, heard, {"open_ms": 50, "probes": 2}) as (server, client):
        for _ in range(5):
            await outcome(client)
        server.behaviour = answer_one
        while await outcome(client) != "answered":  # noqa: ASYNC110 - its clock tells nobody
            await asyncio.sleep(0.005)
        assert await client.execute(QUERY) == ONE
        assert client.snapshot().state is CLOSED
        assert heard.changes[-2:] == [(OPEN, HALF_OPEN), (HALF_OPEN, CLOSED)]


async def test_a_cancelled_probe_leaves_its_place() -> None:
    async with breaking(reset, None, {"open_ms": 1, "probes": 1}) as (server, client):
        for _ in range(5):
            await outcome(client)
        server.behaviour = only_listen
        asked = len(server.received)
        await asyncio.sleep(0.01)
        probe = asyncio.create_task(outcome(client))
        await until(lambda: len(server.received) > asked)
        assert await outcome(client) == "SUBGRAPH_CIRCUIT_OPEN"
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        server.behaviour = answer_one
        assert await client.execute(QUERY) == ONE


@pytest.mark.parametrize(("slow_ms", "failures"), [(10_000, 0), (1, 5)])
async def test_a_client_in_a_hurry_is_no_failure_of_the_subgraph(slow_ms: int, failures: int) -> None:
    async with breaking(only_listen, None, {"slow_ms": slow_ms}) as (_server, client):
        for _ in range(5):
            scope = RequestScope(deadline_at=asyncio.get_running_loop().time() + 0.05)
            assert await outcome(client, SubgraphRequest("{ a }", scope=scope)) == "SUBGRAPH_TIMEOUT"
        assert client.snapshot().failures == failures


async def test_a_full_queue_is_no_failure_of_the_subgraph() -> None:
    settings: Any = {"connections_per_host_max": 1, "queue_per_host_max": 0}
    async with breaking(only_listen, **settings) as (server, client):
        first = asyncio.create_task(outcome(client))
        await until(lambda: server.received)
        assert [await outcome(client) for _ in range(10)] == ["OVERLOADED"] * 10
        assert client.snapshot().requests == 0
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
