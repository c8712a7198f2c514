"""Other projects' clients subscribe: graphql-ws, graphql-sse in both modes, Apollo Client over multipart."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.interop.node_packages import require_packages
from tests.subscriptions.world import World, until, world

PROJECT = Path(__file__).parent / "subscription-clients"
DEADLINE_S = 60
CLIENTS = ["graphql-ws", "graphql-sse", "graphql-sse-single", "apollo-multipart"]
RESUMING = ["graphql-ws", "graphql-sse"]
PLACED = {"query": "subscription { orderPlaced { id total } }"}


@pytest.mark.parametrize("client", CLIENTS)
async def test_results_come_to_the_end(client: str) -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    async with world() as running:
        request = {"query": "subscription Count($to: Int!) { count(to: $to) }", "variables": {"to": 3}}
        seen = await subscribe(node, client, running, request, 0)
    assert [result["data"] for result in seen["results"]] == [{"count": n} for n in (1, 2, 3)]


@pytest.mark.parametrize("client", CLIENTS)
async def test_events_of_a_feed_come_with_fields_of_two_subgraphs(client: str) -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    async with world() as running:
        reading = asyncio.create_task(subscribe(node, client, running, PLACED, 2))
        await until(lambda: running.hub.snapshot()["subscribers"] == 1)
        await publish_until(running, reading)
        seen = await reading
    first = int(seen["results"][0]["data"]["orderPlaced"]["id"].removeprefix("o"))
    for number, result in enumerate(seen["results"], first):
        assert result["data"]["orderPlaced"]["id"] == f"o{number}"
        assert result["data"]["orderPlaced"]["total"] == 10 * number


@pytest.mark.parametrize("client", RESUMING)
async def test_a_client_that_was_cut_resumes_without_gap_or_repetition(client: str) -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    async with world() as running:
        reading = asyncio.create_task(subscribe(node, client, running, PLACED, 40, cut=7))
        await until(lambda: running.hub.snapshot()["subscribers"] == 1)
        await publish_until(running, reading)
        seen = await reading
    numbers = [int(one["data"]["orderPlaced"]["id"].removeprefix("o")) for one in seen["results"]]
    assert numbers == list(range(numbers[0], numbers[0] + 40))
    if client == "graphql-ws":
        assert seen["sockets"] == 2


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse"])
async def test_queries_run_over_the_same_client(client: str) -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    async with world() as running:
        seen = await subscribe(node, client, running, {"query": "{ hello }"}, 0)
    assert seen["results"] == [{"data": {"hello": "hello"}}]


async def publish_until(running: World, reading: asyncio.Task[Any]) -> None:
    """Publishes orders, one after another, until the client has what it wants."""
    number = 0
    while not reading.done():
        number += 1
        running.place(number)
        await asyncio.sleep(0.02)


async def subscribe(
    node: str, client: str, running: World, request: dict[str, Any], count: int, *, cut: int = 0
) -> dict[str, Any]:
    """Returns what a client was given, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        node,
        str(PROJECT / "subscribe.mjs"),
        client,
        running.url,
        json.dumps(request),
        str(count),
        str(cut),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()
    return json.loads(output)
