"""Queries sent once more: after what, how often, how late, and never too many of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.config import RetryConfig
from router.errors import SubgraphFault
from router.executor.transport.client import RequestScope, SubgraphRequest, SubgraphResponse
from router.executor.transport.events import TransportEvents
from router.executor.transport.retry import RetryBudget, RetryingClient, read_retry_after
from tests.transport.raw_server import (
    MUTATION,
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
)

ONE = SubgraphResponse({"a": 1})


class Heard(TransportEvents):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.faults: list[SubgraphFault] = []
        self.denied = 0

    def retried(self, service: str, fault: SubgraphFault) -> None:
        self.faults.append(fault)

    def retry_budget_spent(self, service: str) -> None:
        self.denied += 1


class FailsFirst:
    """Fails the first `count` requests in a way, and answers all others."""

    def __init__(self, count: int, failing: Behaviour) -> None:
        self.left = count
        self.failing = failing

    async def __call__(self, peer: Peer, request: Received) -> None:
        self.left -= 1
        await (self.failing if self.left >= 0 else answer_one)(peer, request)


def status(line: str, headers: str = "", body: bytes = b"") -> Behaviour:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer(body, status=line, headers=headers)

    return behave


async def reset(peer: Peer, _request: Received) -> None:
    peer.writer.transport.abort()


async def cut_off(peer: Peer, _request: Received) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    await peer.writer.drain()
    peer.writer.close()


@contextlib.asynccontextmanager
async def retrying(
    behaviour: Behaviour, retry: Any = None, heard: TransportEvents | None = None, **settings: Any
) -> AsyncIterator[tuple[RawServer, RetryingClient]]:
    config = RetryConfig.model_validate({"backoff_ms": 1, **(retry or {})})
    async with raw_server(behaviour) as server, client_of(server.url, **settings) as http:
        yield server, RetryingClient("shop", http, config, heard or TransportEvents())


@pytest.mark.parametrize(
    ("failing", "fault"),
    [
        (reset, SubgraphFault.RESET),
        (status("502 Bad Gateway"), SubgraphFault.STATUS),
        (status("503 Service Unavailable", body=b"<html>"), SubgraphFault.STATUS),
        (status("504 Gateway Timeout", body=b'{"errors": [{"message": "late"}]}'), SubgraphFault.STATUS),
    ],
    ids=["reset", "502", "503 with a page", "504 with GraphQL"],
)
async def test_a_failure_that_may_pass_is_tried_again(failing: Behaviour, fault: SubgraphFault) -> None:
    heard = Heard()
    async with retrying(FailsFirst(2, failing), heard=heard) as (server, client):
        assert await client.execute(QUERY) == ONE
        assert len(server.received) == 3
        assert heard.faults == [fault] * 2


async def test_the_last_outcome_stands_when_the_attempts_are_used_up() -> None:
    async with retrying(status("503 Service Unavailable")) as (server, client):
        assert await outcome(client) == "SUBGRAPH_HTTP_ERROR"
        assert len(server.received) == 3
    async with retrying(status("503 Busy", body=b'{"errors": [{"message": "busy"}]}')) as (server, client):
        response = await client.execute(QUERY)
        assert (response.http_status, response.errors) == (503, ({"message": "busy"},))
        assert len(server.received) == 3


async def test_a_connection_that_is_refused_is_tried_again() -> None:
    async with raw_server(answer_one) as server:
        url = server.url
    heard = Heard()
    async with client_of(url) as http:
        client = RetryingClient("shop", http, RetryConfig(backoff_ms=1), heard)
        assert await outcome(client) == "SUBGRAPH_UNREACHABLE"
    assert heard.faults == [SubgraphFault.NO_CONNECTION] * 2


@pytest.mark.parametrize(
    ("failing", "code"),
    [
        (cut_off, "SUBGRAPH_UNREACHABLE"),
        (status("500 Internal Server Error"), "SUBGRAPH_HTTP_ERROR"),
        (status("429 Too Many Requests", "retry-after: 0\r\n"), "SUBGRAPH_HTTP_ERROR"),
        (status("200 OK", body=b"<html>"), "SUBGRAPH_MALFORMED_RESPONSE"),
    ],
    ids=["cut off", "500", "429", "malformed"],
)
async def test_other_failures_stand(failing: Behaviour, code: str) -> None:
    async with retrying(FailsFirst(1, failing)) as (server, client):
        assert await outcome(client) == code
        assert len(server.received) == 1


async def test_graphql_errors_are_answers() -> None:
    failing = status("200 OK", body=b'{"data": null, "errors": [{"message": "no"}]}')
    async with retrying(FailsFirst(1, failing)) as (server, client):
        assert (await client.execute(QUERY)).errors == ({"message": "no"},)
        assert len(server.received) == 1


async def test_a_mutation_is_sent_once() -> None:
    for failing in (reset, status("503 Service Unavailable")):
        async with retrying(FailsFirst(1, failing)) as (server, client):
            assert await outcome(client, MUTATION) != "answered"
            assert len(server.received) == 1


@pytest.mark.parametrize(("timeouts", "requests"), [(False, 1), (True, 2)])
async def test_silence_is_tried_again_where_the_settings_say_so(timeouts: bool, requests: int) -> None:
    retry = {"timeouts": timeouts}
    async with retrying(FailsFirst(1, only_listen), retry, read_timeout_ms=50) as (server, client):
        assert await outcome(client) == ("answered" if timeouts else "SUBGRAPH_TIMEOUT")
        assert len(server.received) == requests


async def test_a_longer_pause_than_the_settings_allow_is_no_pause_but_the_end() -> None:
    async with retrying(status("503 Busy", "retry-after: 6\r\n")) as (server, client):
        assert await outcome(client) == "SUBGRAPH_HTTP_ERROR"
        assert len(server.received) == 1


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_the_pause_the_subgraph_asks_for_is_made(form: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    until = format_datetime(now + timedelta(seconds=1), usegmt=True)
    date = f"date: {format_datetime(now, usegmt=True)}\r\nretry-after: {until}\r\n"
    headers = "retry-after: 1\r\n" if form == "seconds" else date
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    async with retrying(FailsFirst(1, status("503 Busy", headers))) as (_server, client):
        assert await client.execute(QUERY) == ONE
    # No sooner: how much later depends on the machine.
    assert loop.time() - began_at >= 1


async def test_no_pause_reaches_beyond_the_deadline() -> None:
    deadline_at = asyncio.get_running_loop().time() + 2
    request = SubgraphRequest("{ a }", scope=RequestScope(deadline_at=deadline_at))
    async with retrying(status("503 Busy", "retry-after: 3\r\n")) as (server, client):
        assert await outcome(client, request) == "SUBGRAPH_HTTP_ERROR"
        assert len(server.received) == 1
        assert asyncio.get_running_loop().time() < deadline_at + 1


async def test_in_an_outage_retries_are_a_share_of_the_requests() -> None:
    heard = Heard()
    retry = {"budget_percent": 10, "budget_burst": 5}
    async with retrying(status("503 Service Unavailable"), retry, heard) as (server, client):
        for _ in range(200):
            assert await outcome(client) == "SUBGRAPH_HTTP_ERROR"
        # 200 requests, 5 retries at once and one for each ten requests.
        assert len(server.received) - 200 == len(heard.faults)
        assert 20 <= len(heard.faults) <= 25
        assert heard.denied > 150


async def test_pauses_grow_and_are_drawn_from_zero_on() -> None:
    drawn: list[float] = []

    def draw() -> float:
        drawn.append(1.0)
        return 0.0  # the shortest pause there is: none

    config = RetryConfig(attempts_max=4, backoff_ms=60_000, backoff_ms_max=60_000)
    async with raw_server(status("503 Service Unavailable")) as server, client_of(server.url) as http:
        client = RetryingClient("shop", http, config, TransportEvents(), draw)
        assert await outcome(client) == "SUBGRAPH_HTTP_ERROR"
        assert (len(server.received), len(drawn)) == (4, 3)


def test_a_budget_never_grows_beyond_its_burst() -> None:
    budget = RetryBudget(0.5, 2)
    for _ in range(100):
        budget.note_request()
    assert [budget.take() for _ in range(3)] == [True, True, False]
    budget.note_request()
    assert not budget.take()
    budget.note_request()
    assert budget.take()


def test_a_budget_without_burst_still_has_its_share() -> None:
    budget = RetryBudget(0.25, 0)
    taken = 0
    for _ in range(100):
        budget.note_request()
        taken += budget.take()
    assert taken == 25


DATE = "Fri, 20 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": "Fri, 20 Nov 2026 10:00:07 GMT", "date": DATE}, 7),
        ({"retry-after": "Fri, 20 Nov 2026 09:00:00 GMT", "date": DATE}, 0),
        ({"retry-after": "Friday, 20-Nov-26 10:00:09 GMT", "date": DATE}, 9),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": "9" * 400}, float("inf")),
        ({"retry-after": "Fri, 99 Nov 2026 10:00:00 GMT"}, None),
        ({"retry-after": "Fri, 20 Nov 99999999999 10:00:00 GMT"}, None),
    ],
)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(headers) == seconds


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_a_subgraph_can_send_is_a_fault_of_ours(value: str, date: str) -> None:
    found = read_retry_after({"retry-after": value, "date": date})
    assert found is None or found >= 0
