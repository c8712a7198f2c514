"""The router as a process: over a feed in memory, or over the streaming subgraph with `--subgraph URL`."""

from __future__ import annotations

import argparse
import asyncio

from benchmarks.subscriptions.answers import bill
from benchmarks.subscriptions.control import Controlled
from benchmarks.subscriptions.schema import supergraph_sdl
from router.config import (
    LimitsConfig,
    ServerConfig,
    SubscriptionsConfig,
    TransportConfig,
    UpstreamConfig,
)
from router.executor.transport.build import build_client
from router.executor.transport.build_stream import build_stream
from router.executor.transport.in_process import InProcessClient
from router.pipeline.router import Router
from router.pipeline.subscriptions import SubscriptionHub
from router.realtime import MemoryFeedSource
from router.server.app import create_app
from router.server.serve import listen_on, serve_app
from router.server.subscriptions import SubscriptionEdge
from router.supergraph import load_supergraph
from router.telemetry.telemetry import Telemetry


async def serve(port: int, subgraph: str | None) -> None:
    """Serves until the process is ended."""
    config = SubscriptionsConfig(heartbeat_ms=60_000, upstream=UpstreamConfig(protocol="sse"))
    server = ServerConfig(port=port, max_connections=30_000)
    feed = MemoryFeedSource()
    hub = SubscriptionHub(config, ("authorization",), feeds=feed)
    sdl = supergraph_sdl(subgraph or "http://127.0.0.1:1", has_feed=subgraph is None)
    supergraph = load_supergraph(sdl)
    transport = TransportConfig()
    streams = {}
    if subgraph is None:
        clients = {"billing": InProcessClient("billing", _bill), "ticks": InProcessClient("ticks", _bill)}
    else:
        clients = {one.name: build_client(one.name, (one.url,), transport) for one in supergraph.services}
        streams = {"ticks": build_stream("ticks", f"{subgraph}/ticks", config, transport)}
    router = Router(supergraph, clients)
    await hub.adopt(router, streams)
    telemetry = Telemetry(access_log=False)
    app = create_app(router, server, is_ready=lambda: True, telemetry=telemetry)
    app.serve_subscriptions(SubscriptionEdge(hub, router, server, LimitsConfig(), telemetry))

    def publish(number: int, sent_at: float) -> None:
        feed.publish("tick", {"type": "tick", "subject": str(number), "data": {"sent_at": sent_at}})

    controlled = Controlled(app, publish)
    controlled.drain, controlled.message_bytes_max = app.drain, app.message_bytes_max  # type: ignore[attr-defined]  # what serve_app needs of an app
    await serve_app(controlled, server, [listen_on("127.0.0.1", port)])  # type: ignore[arg-type]  # as above


async def _bill(query: str, variables: object, _name: object, _headers: object) -> dict[str, object]:
    return bill(query, variables)  # type: ignore[arg-type]  # a map or None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subscriptions.serve", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--subgraph")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.subgraph))
