"""Puts the subscriptions of a router together: hub, feeds, streams to subgraphs, the edge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from router.config import RouterConfig
from router.executor.transport.build_stream import build_stream
from router.executor.transport.stream import StreamingClient, Streams
from router.pipeline.executes import Executes
from router.pipeline.gate import Gate
from router.pipeline.router import Router
from router.pipeline.subscriptions import Authenticate, SubscriptionHub
from router.pipeline.subscriptions.tokens import open_authenticator
from router.realtime import FeedSource, open_feed_source
from router.server.app import RouterApp
from router.server.subscriptions import SubscriptionEdge
from router.telemetry.telemetry import Telemetry

BuildStream = Callable[[str, str], StreamingClient]


@dataclass(slots=True)
class Subscriptions:
    """The hub and the streams it reads; `adopt` a router before the first client comes."""

    hub: SubscriptionHub
    _build: BuildStream
    _lent: dict[tuple[str, str], StreamingClient]

    @asynccontextmanager
    async def running(self, router: Router, addresses: Mapping[str, str]) -> AsyncIterator[None]:
        """Runs over the first router while the block does; its end is the clients', too."""
        await self.adopt(router, addresses)
        self.hub.start()
        try:
            yield
        finally:
            await self.close()

    async def adopt(self, router: Router, addresses: Mapping[str, str]) -> None:
        """Goes on over this router; streams to an unchanged address stay open."""
        wanted = [(name, url) for name, url in addresses.items()]
        lent = {key: self._lent.get(key) or self._build(*key) for key in wanted}
        retired = [stream for key, stream in self._lent.items() if key not in lent]
        self._lent = lent
        await self.hub.adopt(router, {name: stream for (name, _), stream in lent.items()})
        for stream in retired:
            await stream.close()

    async def adopt_streams(self, router: Router, streams: Streams) -> None:
        """Goes on over this router with streams that are at hand."""
        await self.hub.adopt(router, streams)

    def serve(
        self,
        app: RouterApp,
        executes: Executes,
        config: RouterConfig,
        telemetry: Telemetry,
        gate: Gate | None = None,
    ) -> None:
        """Makes the application serve subscriptions, and send their clients away when it drains.

        `executes` is what stands behind the gate.
        """
        edge = SubscriptionEdge(self.hub, executes, config.server, config.limits, telemetry, gate)
        app.serve_subscriptions(edge)

    async def close(self) -> None:
        """Ends everything."""
        await self.hub.close()
        for stream in self._lent.values():
            await stream.close()


def assemble_subscriptions(
    config: RouterConfig, *, feeds: FeedSource | None = None, authenticate: Authenticate | None = None
) -> Subscriptions:
    """Returns the subscriptions after the settings; what is given comes before what they name."""
    settings = config.subscriptions
    feeds = feeds or open_feed_source(settings.feeds)
    if authenticate is None and settings.tokens.jwks_url:
        authenticate = open_authenticator(settings.tokens)
    names = tuple(config.transport.propagate_headers)
    hub = SubscriptionHub(settings, names, feeds=feeds, authenticate=authenticate)
    return Subscriptions(hub, lambda name, url: build_stream(name, url, settings, config.transport), {})
