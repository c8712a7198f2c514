"""The whole chain under faults drawn at random: every call ends, and nothing is left behind."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from router.config import TransportConfig
from router.executor.transport.build import Wiring, build_client
from router.executor.transport.client import RequestScope, SubgraphClient, SubgraphRequest
from router.response.codes import ErrorCode
from tests.transport.raw_server import (
    Behaviour,
    Peer,
    Received,
    answer_one,
    only_listen,
    outcome,
    raw_server,
    until,
)

CALLS = 1_500
SETTINGS: dict[str, Any] = {
    "connections_per_host_max": 5,
    "connections_max": 12,
    "queue_per_host_max": 50,
    "read_timeout_ms": 80,
    "request_timeout_ms": 400,
    "idle_timeout_ms": 50,
    "max_response_bytes": 10_000,
    "retry": {"backoff_ms": 2, "timeouts": True},
    "breaker": {"requests_min": 10, "open_ms": 20, "window_ms": 500},
    "ejection": {"failures": 2, "base_ms": 10, "max_ms": 40},
}
CODES = {code.name for code in ErrorCode}


async def reset(peer: Peer, _request: Received) -> None:
    peer.writer.transport.abort()


async def say_goodbye(peer: Peer, _request: Received) -> None:
    peer.answer({"data": {"a": 1}}, headers="connection: close\r\n")
    peer.writer.close()


async def garbage(peer: Peer, _request: Received) -> None:
    peer.send(b"garbage\r\n\r\n")


async def too_much(peer: Peer, _request: Received) -> None:
    peer.answer(b" " * 20_000)


async def cut_off(peer: Peer, _request: Received) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{")
    peer.writer.close()


async def busy(peer: Peer, _request: Received) -> None:
    peer.answer(b"", status="503 Busy", headers="retry-after: 0\r\n")


FAULTS: Sequence[Behaviour] = (
    reset,
    say_goodbye,
    garbage,
    too_much,
    cut_off,
    busy,
    only_listen,
)


def capricious(draw: random.Random, share: float) -> Behaviour:
    """Fails in any way in a share of the requests, and answers the others sooner or later."""

    async def behave(peer: Peer, request: Received) -> None:
        await asyncio.sleep(draw.random() * 0.004)
        await (draw.choice(FAULTS) if draw.random() < share else answer_one)(peer, request)

    return behave


async def call(client: SubgraphClient, draw: random.Random) -> str:
    """One call of a client that may be in a hurry, and may leave."""
    await asyncio.sleep(draw.random() * 0.5)
    deadline_at = asyncio.get_running_loop().time() + (0.05 if draw.random() < 0.2 else 30)
    request = SubgraphRequest(
        "query($n: Int) { a(n: $n) }",
        {"n": draw.randrange(5)},
        is_mutation=draw.random() < 0.2,
        scope=RequestScope(deadline_at=deadline_at),
    )
    task = asyncio.create_task(outcome(client, request))
    if draw.random() < 0.2:
        await asyncio.sleep(draw.random() * 0.05)
        task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        return "cancelled"


async def test_every_call_ends_and_nothing_is_left_behind(seed: int) -> None:
    draw = random.Random(seed)
    config = TransportConfig.model_validate(SETTINGS)
    wiring = Wiring(config)
    budget = wiring.resources.budget
    async with (
        raw_server(capricious(draw, 0.3)) as one,
        raw_server(capricious(draw, 0.8)) as other,
        raw_server(capricious(draw, 0.1)) as third,
    ):
        clients = [
            build_client("shop", [one.url, other.url], config, wiring),
            build_client("stock", [third.url], config, wiring),
        ]
        async with asyncio.timeout(60):
            outcomes = Counter(
                await asyncio.gather(*(call(draw.choice(clients), draw) for _ in range(CALLS)))
            )
            assert set(outcomes) <= {"answered", "cancelled", *CODES}
            assert min(outcomes["answered"], outcomes["cancelled"]) > 0
            for server in (one, other, third):
                server.behaviour = answer_one
            # Whatever was open, left out or in line: when the subgraphs are well, all is well.
            for client in clients:
                while await outcome(client) != "answered":  # noqa: ASYNC110 - its clock tells nobody
                    await asyncio.sleep(0.005)
            await until(lambda: budget.used == 0)
        for client in clients:
            await client.close()
    assert len(asyncio.all_tasks()) == 1
