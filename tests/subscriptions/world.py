"""A whole router with subscriptions, served on a socket by uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from router.authentication import Credential
from router.authentication.authenticator import Authenticator
from router.config import (
    AuthenticationConfig,
    LimitsConfig,
    ServerConfig,
    SubscriptionsConfig,
    TokenIntrospectionConfig,
)
from router.executor.transport.in_process import InProcessClient
from router.executor.transport.in_process_stream import InProcessStream
from router.executor.transport.stream import StreamingClient
from router.pipeline.router import Router
from router.pipeline.subscriptions import SubscriptionHub
from router.realtime import FeedSource, MemoryFeedSource
from router.server.app import RouterApp, create_app
from router.server.subscriptions import SubscriptionEdge
from router.supergraph import load_supergraph
from router.telemetry.telemetry import Telemetry
from tests.subscriptions.subgraphs import (
    BILLING,
    ORDERS,
    Channel,
    TestSubgraph,
    billing_subgraph,
    orders_subgraph,
)
from tests.support.run_router import compose

DEADLINE_S = 30.0
PROPAGATED = ("authorization", "accept-language", "x-request-id")


@dataclass
class World:
    """What a test has at hand."""

    hub: SubscriptionHub
    edge: SubscriptionEdge
    feed: MemoryFeedSource
    changes: Channel
    orders: TestSubgraph
    billing: TestSubgraph
    streams: dict[str, StreamingClient]
    port: int = 0
    app: RouterApp | None = None
    claims: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where HTTP requests go."""
        return f"http://127.0.0.1:{self.port}/graphql"

    def place(self, number: int, *, wilaya: int = 16, **envelope: Any) -> None:
        """Publishes that an order was placed."""
        self.publish("order.placed", f"o{number}", {"wilaya": wilaya, **envelope.pop("data", {})}, **envelope)

    def publish(
        self, type_: str, subject: str, data: Mapping[str, Any] | None = None, **envelope: Any
    ) -> None:
        """Publishes an event."""
        event = {"type": type_, "subject": subject, "data": dict(data or {}), **envelope}
        self.feed.publish(type_.partition(".")[0], event)

    def router(self, orders_sdl: str = ORDERS) -> Router:
        """Returns a router over the subgraphs, from another schema of orders if given."""
        sdl = compose({"orders": orders_sdl, "billing": BILLING}).supergraph_sdl
        assert sdl is not None, "the subgraphs compose"
        subgraphs = {"orders": self.orders, "billing": self.billing}
        clients = {name: InProcessClient(name, each.execute) for name, each in subgraphs.items()}
        return Router(load_supergraph(sdl), clients)


@contextlib.asynccontextmanager
async def world(
    config: SubscriptionsConfig | None = None,
    *,
    feed: FeedSource | None = None,
    verifies: bool = False,
    server: ServerConfig | None = None,
) -> AsyncIterator[World]:
    """Serves a router with subscriptions while the block runs."""
    config, server = config or SubscriptionsConfig(), server or ServerConfig()
    memory, changes = MemoryFeedSource(), Channel()
    claims: dict[str, Mapping[str, Any]] = {}
    hub = SubscriptionHub(
        config, PROPAGATED, feeds=feed or memory, authenticator=_authenticator(claims) if verifies else None
    )
    orders = orders_subgraph(changes)
    streams: dict[str, StreamingClient] = {"orders": InProcessStream("orders", orders.subscribe)}
    telemetry, limits = Telemetry(), LimitsConfig()
    built = World(
        hub,
        SubscriptionEdge(hub, None, server, limits, telemetry),  # type: ignore[arg-type]  # given below
        memory,
        changes,
        orders,
        billing_subgraph(),
        streams,
        claims=claims,
    )
    router = built.router()
    built.edge.executes = router
    await hub.adopt(router, streams)
    hub.start()
    app = built.app = create_app(router, server, is_ready=lambda: True, limits=limits, telemetry=telemetry)
    app.serve_subscriptions(built.edge)
    try:
        async with listen(app) as built.port:
            yield built
    finally:
        await hub.close()
        await router.close()


def _authenticator(claims: Mapping[str, Mapping[str, Any]]) -> Authenticator:
    """Returns an authenticator that looks every token up anew."""

    async def resolve(credential: Credential) -> Mapping[str, Any] | None:
        return claims.get(credential.value)

    introspection = TokenIntrospectionConfig(keep_s=0, keep_refused_s=0)
    return Authenticator(AuthenticationConfig(introspection=introspection), resolve=resolve)


@contextlib.asynccontextmanager
async def listen(app: Any, port: int = 0) -> AsyncIterator[int]:
    """Serves any application by uvicorn, WebSockets included, while the block runs; yields its port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                lifespan="off",
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=2,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag alone
                await asyncio.sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


async def until(condition: Any, what: str = "the condition") -> None:
    """Waits until `condition()` holds."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{what} did not come about") from None
