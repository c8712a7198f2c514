"""Equal queries under way share one exchange, and nobody is hurt by another's end."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from router.config import TransportConfig
from router.errors import SubgraphError
from router.executor.transport.client import RequestScope, SubgraphClient, SubgraphRequest, SubgraphResponse
from router.executor.transport.dedupe import DeduplicatingClient
from router.executor.transport.events import TransportEvents
from tests.transport.raw_server import (
    MUTATION,
    QUERY,
    Behaviour,
    Peer,
    RawServer,
    Received,
    answer_one,
    client_of,
    outcome,
    raw_server,
    until,
)

ONE = SubgraphResponse({"a": 1})
BODY = b'{"query": "{ a }"}'


class Sharing(TransportEvents):
    """Counts who takes part in another's exchange."""

    def __init__(self) -> None:
        self.count = 0

    def shared(self, service: str) -> None:
        self.count += 1


class Held:
    """Answers once `release` is set, and until then holds every request."""

    def __init__(self, then: Behaviour = answer_one) -> None:
        self.release = asyncio.Event()
        self.then = then

    async def __call__(self, peer: Peer, request: Received) -> None:
        released = asyncio.create_task(self.release.wait())
        left = asyncio.create_task(peer.reader.read(1))
        await asyncio.wait({released, left}, return_when=asyncio.FIRST_COMPLETED)
        if released.done() and not left.done():
            left.cancel()
            await asyncio.gather(left, return_exceptions=True)
            await self.then(peer, request)
            return
        released.cancel()
        await asyncio.gather(released, return_exceptions=True)
        peer.writer.transport.abort()


@contextlib.asynccontextmanager
async def deduplicating(
    behaviour: Behaviour, sharing: TransportEvents | None = None, **settings: Any
) -> AsyncIterator[tuple[RawServer, DeduplicatingClient]]:
    config = TransportConfig.model_validate(settings)
    async with raw_server(behaviour) as server, client_of(server.url, **settings) as http:
        yield server, DeduplicatingClient("shop", http, config, sharing or TransportEvents())


def query(
    text: str = "{ a }",
    variables: Mapping[str, Any] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    viewer: str | None = None,
    seconds: float | None = None,
) -> SubgraphRequest:
    deadline_at = None if seconds is None else asyncio.get_running_loop().time() + seconds
    scope = RequestScope(viewer=viewer, deadline_at=deadline_at)
    return SubgraphRequest(text, variables, headers=headers or {}, scope=scope)


def start(client: SubgraphClient, request: SubgraphRequest) -> asyncio.Task[SubgraphResponse]:
    return asyncio.create_task(client.execute(request))


async def test_equal_queries_share_one_exchange_and_each_has_data_of_its_own() -> None:
    held, sharing = Held(), Sharing()
    async with deduplicating(held, sharing) as (server, client):
        calls = [start(client, query()) for _ in range(20)]
        await until(lambda: sharing.count == 19)
        held.release.set()
        answers = await asyncio.gather(*calls)
        assert answers == [ONE] * 20
        assert len({id(answer.data) for answer in answers}) == 20
        assert len(server.received) == 1


async def test_a_query_after_the_exchange_has_one_of_its_own() -> None:
    async with deduplicating(answer_one) as (server, client):
        for _ in range(3):
            assert await client.execute(QUERY) == ONE
        assert len(server.received) == 3


async def test_prepared_bodies_are_shared_and_come_undecoded() -> None:
    held, sharing = Held(), Sharing()
    async with deduplicating(held, sharing) as (server, client):
        prepared = SubgraphRequest("{ a }", body=BODY, wants_body=True)
        calls = [start(client, prepared), start(client, SubgraphRequest("{ a }", body=BODY))]
        await until(lambda: sharing.count == 1)
        held.release.set()
        undecoded, decoded = await asyncio.gather(*calls)
        assert (undecoded.data, undecoded.body) == (None, b'{"data": {"a": 1}}')
        assert decoded == ONE
        assert len(server.received) == 1


@pytest.mark.parametrize(
    ("one", "other", "exchanges"),
    [
        ({}, {"text": "{ b }"}, 2),
        ({"variables": {"x": 1}}, {"variables": {"x": 2}}, 2),
        ({"viewer": "ana"}, {"viewer": "bilal"}, 2),
        ({"viewer": "ana"}, {}, 2),
        ({"headers": {"authorization": "a"}}, {"headers": {"authorization": "b"}}, 2),
        ({"headers": {"authorization": "a"}}, {}, 2),
        ({"headers": {"traceparent": "a"}}, {"headers": {"traceparent": "b"}}, 1),
        ({"headers": {"x-request-id": "a"}}, {"headers": {"x-request-id": "b"}}, 1),
        ({"headers": {"cookie": "a"}}, {"headers": {"cookie": "b"}}, 1),
        ({"variables": {}}, {"variables": None}, 1),
    ],
)
async def test_what_a_subgraph_could_answer_differently_is_not_shared(
    one: dict[str, Any], other: dict[str, Any], exchanges: int
) -> None:
    held = Held()
    async with deduplicating(held) as (server, client):
        calls = [start(client, query(**one)), start(client, query(**other))]
        await until(lambda: len(server.received) == exchanges)
        held.release.set()
        assert await asyncio.gather(*calls) == [ONE, ONE]
        assert len(server.received) == exchanges


async def test_no_header_at_all_is_not_the_same_as_every_header_empty() -> None:
    held = Held()
    async with deduplicating(held, propagate_headers=("x-a", "x-b")) as (server, client):
        requests = [{}, {"x-a": "1"}, {"x-b": "1"}, {"x-a": "", "x-b": "1"}]
        calls = [start(client, query(headers=headers)) for headers in requests]
        await until(lambda: len(server.received) == 4)
        held.release.set()
        assert await asyncio.gather(*calls) == [ONE] * 4


async def test_mutations_are_never_shared() -> None:
    held = Held()
    async with deduplicating(held) as (server, client):
        calls = [start(client, MUTATION) for _ in range(3)]
        await until(lambda: len(server.received) == 3)
        held.release.set()
        assert await asyncio.gather(*calls) == [ONE] * 3


async def test_a_failure_is_shared() -> None:
    async def fail(peer: Peer, _request: Received) -> None:
        peer.answer(b"", status="503 Service Unavailable", headers="retry-after: 7\r\n")

    held, sharing = Held(fail), Sharing()
    async with deduplicating(held, sharing) as (server, client):
        calls = [start(client, query()) for _ in range(5)]
        await until(lambda: sharing.count == 4)
        held.release.set()
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert len(server.received) == 1
    assert len({id(error) for error in errors}) == 5
    for error in errors:
        assert isinstance(error, SubgraphError)
        assert (error.code, error.http_status, error.headers["retry-after"]) == (
            "SUBGRAPH_HTTP_ERROR",
            503,
            "7",
        )


async def test_graphql_errors_under_a_bad_status_are_not_the_same_objects() -> None:
    async def refuse(peer: Peer, _request: Received) -> None:
        peer.answer({"errors": [{"message": "no", "path": ["a"]}]}, status="401 Unauthorized")

    held, sharing = Held(refuse), Sharing()
    async with deduplicating(held, sharing) as (server, client):
        calls = [start(client, query()) for _ in range(2)]
        await until(lambda: sharing.count == 1)
        held.release.set()
        one, other = await asyncio.gather(*calls)
        assert one == other
        assert one.errors[0] is not other.errors[0]
        assert len(server.received) == 1


async def test_when_the_first_leaves_the_others_are_answered() -> None:
    held, sharing = Held(), Sharing()
    async with deduplicating(held, sharing) as (server, client):
        first, *others = [start(client, query()) for _ in range(4)]
        await until(lambda: sharing.count == 3)
        first.cancel()
        # One of the others asks anew, still for all of them.
        await until(lambda: len(server.received) == 2)
        held.release.set()
        assert await asyncio.gather(*others) == [ONE] * 3
        assert first.cancelled()
        assert len(server.received) == 2


async def test_when_a_later_one_leaves_the_exchange_goes_on() -> None:
    held, sharing = Held(), Sharing()
    async with deduplicating(held, sharing) as (server, client):
        first, second, third = [start(client, query()) for _ in range(3)]
        await until(lambda: sharing.count == 2)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        held.release.set()
        assert await asyncio.gather(first, third) == [ONE] * 2
        assert len(server.received) == 1


async def test_when_the_last_leaves_the_exchange_ends() -> None:
    held, sharing = Held(), Sharing()
    async with deduplicating(held, sharing) as (server, client):
        calls = [start(client, query()) for _ in range(3)]
        await until(lambda: sharing.count == 2)
        await until(lambda: server.received)
        for call in reversed(calls):
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        # The subgraph sees the close: its conversations end without an answer.
        await until(lambda: not server.conversations)
        held.release.set()
        assert await client.execute(QUERY) == ONE
        assert len(server.received) == 2


async def test_a_short_deadline_of_the_first_is_not_that_of_the_others() -> None:
    held, sharing = Held(), Sharing()
    async with deduplicating(held, sharing, deadline_margin_ms=0) as (server, client):
        first = asyncio.create_task(outcome(client, query(seconds=0.1)))
        await until(lambda: server.received)
        second = start(client, query(seconds=30))
        assert await first == "SUBGRAPH_TIMEOUT"
        await until(lambda: len(server.received) == 2)
        held.release.set()
        assert await second == ONE


async def test_a_short_deadline_of_a_later_one_is_kept() -> None:
    held, sharing = Held(), Sharing()
    async with deduplicating(held, sharing, deadline_margin_ms=0) as (server, client):
        first = start(client, query(seconds=30))
        await until(lambda: server.received)
        assert await outcome(client, query(seconds=0.05)) == "SUBGRAPH_TIMEOUT"
        held.release.set()
        assert await first == ONE
        assert (len(server.received), sharing.count) == (1, 1)


async def test_who_shares_is_bounded() -> None:
    held, sharing = Held(), Sharing()
    async with deduplicating(held, sharing, deduplication={"waiters_max": 2}) as (server, client):
        calls = [start(client, query()) for _ in range(5)]
        await until(lambda: len(server.received) == 3)
        held.release.set()
        assert await asyncio.gather(*calls) == [ONE] * 5
        assert (sharing.count, len(server.received)) == (2, 3)


async def test_nobody_waits_for_ever_whoever_leaves_when(seed: int) -> None:
    draw = random.Random(seed)

    async def behave(peer: Peer, request: Received) -> None:
        await asyncio.sleep(draw.random() * 0.004)
        if draw.random() < 0.1:
            peer.writer.close()
        else:
            await answer_one(peer, request)

    async def call_and_maybe_leave(client: SubgraphClient) -> str:
        seconds = 0.002 if draw.random() < 0.2 else 30
        request = query("{ a }" if draw.random() < 0.7 else "{ b }", seconds=seconds)
        await asyncio.sleep(draw.random() * 0.02)
        call = asyncio.create_task(outcome(client, request))
        if draw.random() < 0.4:
            await asyncio.sleep(draw.random() * 0.006)
            call.cancel()
        try:
            return await call
        except asyncio.CancelledError:
            return "cancelled"

    sharing = Sharing()
    async with deduplicating(behave, sharing, deadline_margin_ms=0) as (server, client):
        outcomes = Counter(await asyncio.gather(*(call_and_maybe_leave(client) for _ in range(500))))
        assert set(outcomes) <= {"answered", "cancelled", "SUBGRAPH_UNREACHABLE", "SUBGRAPH_TIMEOUT"}
        assert min(outcomes["answered"], outcomes["cancelled"], sharing.count) > 0
        server.behaviour = answer_one
        assert await client.execute(query("{ a }")) == ONE
        assert client.under_way == 0
