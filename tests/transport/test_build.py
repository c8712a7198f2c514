"""The whole chain around a subgraph, as the router has it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from router.config import TransportConfig
from router.executor.transport.build import Wiring, build_client
from router.executor.transport.client import AwaitedOnly, SubgraphClient, SubgraphRequest, SubgraphResponse
from router.telemetry.catalogue import Metric
from tests.transport.raw_server import (
    DEADLINE_S,
    MUTATION,
    QUERY,
    Peer,
    Received,
    answer_one,
    outcome,
    raw_server,
    until,
)

ONE = SubgraphResponse({"a": 1})


@contextlib.asynccontextmanager
async def built(
    urls: Sequence[str], wiring: Wiring | None = None, **settings: Any
) -> AsyncIterator[SubgraphClient]:
    client = build_client("shop", urls, TransportConfig.model_validate(settings), wiring)
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield client
    finally:
        await client.close()


def readings(wiring: Wiring) -> dict[tuple[str, ...], float]:
    def name(metric: Metric) -> str:
        return metric.name.removeprefix("zellige_router_")

    return {(name(one.metric), *one.labels): one.value for one in wiring.readings()}


async def bad_gateway(peer: Peer, _request: Received) -> None:
    peer.answer(b"", status="502 Bad Gateway")


class Noting(AwaitedOnly):
    """A layer that writes down that a request passed."""

    def __init__(self, name: str, inner: SubgraphClient, notes: list[str]) -> None:
        self.name = name
        self.inner = inner
        self.notes = notes

    @property
    def takes_body(self) -> bool:
        return self.inner.takes_body

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.notes.append(self.name)
        return await self.inner.execute(request)

    async def close(self) -> None:
        self.notes.append(f"close {self.name}")
        await self.inner.close()


async def test_the_callers_layers_stand_outermost_in_their_order() -> None:
    notes: list[str] = []
    wiring = Wiring(
        layers=(
            lambda name, inner: Noting(f"outer of {name}", inner, notes),
            lambda name, inner: Noting(f"inner of {name}", inner, notes),
        )
    )
    async with raw_server(answer_one) as server, built([server.url], wiring) as client:
        assert client.takes_body
        assert await client.execute(QUERY) == ONE
    assert notes == ["outer of shop", "inner of shop", "close outer of shop", "close inner of shop"]


async def test_equal_queries_are_retried_once_for_all_and_each_attempt_counts_for_the_breaker() -> None:
    attempts = 0
    wiring = Wiring()
    release = asyncio.Event()

    async def behave(peer: Peer, request: Received) -> None:
        nonlocal attempts
        attempts += 1
        await release.wait()
        await (bad_gateway if attempts < 3 else answer_one)(peer, request)

    retry = {"backoff_ms": 1}
    async with raw_server(behave) as server, built([server.url], wiring, retry=retry) as client:
        calls = [asyncio.create_task(client.execute(QUERY)) for _ in range(4)]
        await until(lambda: readings(wiring).get(("subgraph_shared", "shop")) == 3)
        release.set()
        assert await asyncio.gather(*calls) == [ONE] * 4
        assert attempts == 3
        found = readings(wiring)
        assert found["subgraph_retries", "shop", "status"] == 2
        assert found["breaker_state", "shop", "closed"] == 1
        assert found["pool_connections", "shop", "idle"] == 1
        assert found["pool_connections", "shop", "in_use"] == 0
        assert found["pool_waiting", "shop"] == 0


async def test_an_open_breaker_answers_at_once_and_is_not_retried() -> None:
    wiring = Wiring()
    settings: Any = {
        "breaker": {"requests_min": 3, "open_ms": 60_000},
        "retry": {"backoff_ms": 1, "attempts_max": 3},
        "ejection": {"enabled": False},
    }
    async with raw_server(bad_gateway) as server, built([server.url], wiring, **settings) as client:
        codes = [await outcome(client) for _ in range(4)]
        assert codes == ["SUBGRAPH_HTTP_ERROR", *["SUBGRAPH_CIRCUIT_OPEN"] * 3]
        assert len(server.received) == 3
        found = readings(wiring)
        assert (found["breaker_opened", "shop"], found["breaker_refusals", "shop"]) == (1, 3)
        assert found["breaker_state", "shop", "open"] == 1
    assert not any(labels[0].startswith(("pool", "breaker_state")) for labels in readings(wiring))


async def test_what_differs_for_one_subgraph_holds_for_it_alone() -> None:
    own = {"read_timeout_ms": 77, "retry": {"enabled": False}, "breaker": {"requests_min": 9}}
    config = TransportConfig.model_validate({"read_timeout_ms": 500, "subgraphs": {"shop": own}})
    shop, other = config.for_subgraph("shop"), config.for_subgraph("other")
    assert (shop.read_timeout_ms, shop.retry.enabled, shop.breaker.requests_min) == (77, False, 9)
    assert (other.read_timeout_ms, other.retry.enabled, other.breaker.requests_min) == (500, True, 20)
    assert shop.connect_timeout_ms == other.connect_timeout_ms
    async with raw_server(bad_gateway) as server:
        client = build_client("shop", [server.url], config)
        assert await outcome(client) == "SUBGRAPH_HTTP_ERROR"
        assert len(server.received) == 1
        await client.close()


@pytest.mark.parametrize("policy", ["retry", "breaker", "deduplication"])
async def test_each_policy_can_be_left_out(policy: str) -> None:
    settings: Any = {policy: {"enabled": False}}
    async with raw_server(answer_one) as server, built([server.url], **settings) as client:
        assert await client.execute(QUERY) == ONE
        assert await client.execute(MUTATION) == ONE


async def test_ejected_addresses_are_counted() -> None:
    wiring = Wiring()
    async with raw_server(answer_one) as gone:
        dead = gone.url
    async with raw_server(answer_one) as server, built([dead, server.url], wiring) as client:
        assert await client.execute(QUERY) == ONE
        found = readings(wiring)
        assert (found["addresses_ejected", "shop"], found["address_ejections", "shop"]) == (1, 1)
