"""`zellige router` serves subscriptions as it is run: from a bus, from a subgraph, to the end by SIGTERM."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.open_bus import open_bus
from tests.events.cleaning import remove_bus
from tests.events.parcels import parcel, publish
from tests.subscriptions.clients import ready_socket, request
from tests.subscriptions.subgraphs import LINK
from tests.subscriptions.test_upstreams import Watched, subgraph
from tests.subscriptions.world import listen
from tests.support import engines
from tests.support.command import RunningCommand
from tests.support.run_router import compose
from tests.zellige.test_router_command import free_port

COUNTER = (
    LINK.format('"@key", "@composeDirective"').replace("])\n", "])")
    + """
  @link(url: "https://zellige.dev/feed/v0.1", import: ["@eventFeed"])
  @composeDirective(name: "@eventFeed")
directive @eventFeed(events: [String!]!, object: String! = "id: subject", where: [String!])
  on FIELD_DEFINITION
type Query { hello: String! }
type Subscription {
  count(to: Int!, waitS: Float! = 0): Int!
  tick: Tick @eventFeed(events: ["tick"], object: "number: data.number")
}
type Tick { number: Int! }
"""
)


def settings(port: int, bus: BusSettings) -> dict[str, Any]:
    """What the router is told."""
    return {
        "server": {"port": port, "shutdown": {"notice_ms": 300}},
        "transport": {"subgraphs": {}},
        "subscriptions": {
            "drain_ms": 50,
            "feeds": {
                "url": bus.url,
                "stream_prefix": f"{bus.name}:events:",
                "queue_prefix": f"{bus.name}.log.",
            },
            "upstream": {"protocol": "sse"},
        },
    }


@pytest.mark.parametrize("engine", ["redis", "rabbitmq"])
async def test_the_command_serves_feeds_and_upstreams_and_ends_well(tmp_path: Path, engine: str) -> None:
    url = engines.redis_url() if engine == "redis" else engines.rabbitmq_url()
    if url is None:
        pytest.skip("RABBITMQ_URL names no broker")
    bus_settings = BusSettings(url=url, name=f"ztrc-{uuid4().hex[:10]}")
    bus = open_bus(bus_settings)
    supergraph, config, port = tmp_path / "supergraph.graphql", tmp_path / "router.yaml", free_port()
    supergraph.write_text(compose({"counter": COUNTER}).supergraph_sdl or "")
    config.write_text(json.dumps(settings(port, bus_settings)))
    async with listen(subgraph(Watched())) as upstream:
        named = f"counter=http://127.0.0.1:{upstream}/graphql"
        arguments = ("--supergraph", str(supergraph), "--config", str(config), "--subgraph-url", named)
        with RunningCommand("router", *arguments) as router:
            await asyncio.to_thread(router.wait_until_ready, f"http://127.0.0.1:{port}/health/ready")
            body = {"query": "subscription { count(to: 2) }"}
            async with request(port, body=body, accept="text/event-stream") as stream:
                data = json.loads((await stream.next_event())["data"])
                assert data == {"data": {"count": 1}}
            async with ready_socket(port) as socket:
                await socket.subscribe_to_feed("a", "subscription { tick { number } }")
                await publish(bus, parcel(41, kind="tick"))
                assert (await socket.payload())["data"] == {"tick": {"number": 41}}
                router.process.send_signal(signal.SIGTERM)
                assert (await socket.closing())[0] == 1012
            assert await asyncio.to_thread(router.process.wait, 60) == 0, router.said
    await bus.close()
    await remove_bus(bus_settings)
