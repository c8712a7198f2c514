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
from router.pipeline.subscriptions import SubscriptionHub
from router.realtime import FeedSource, open_feed_source
from router.server.app import RouterApp
from router.server.subscriptions import SubscriptionEdge
from router.telemetry.telemetry import Telemetry
from zellige.assembly.border import Border

BuildStream = Callable[[str, str], StreamingClient]


@dataclass(slots=True)
class Subscriptions:
    """The hub and the streams it reads; `adopt` a router before the first client comes."""

    hub: SubscriptionHub
    _build: BuildStream
    _lent: dict[tuple[str, str], StreamingClient]
    _border: Border

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
        edge.authentication = self._border.edge
        app.serve_subscriptions(edge)

    async def close(self) -> None:
        """Ends everything."""
        await self.hub.close()
        for stream in self._lent.values():
            await stream.close()


def assemble_subscriptions(border: Border, *, feeds: FeedSource | None = None) -> Subscriptions:
    """Returns the subscriptions after the border's settings; `feeds` come before what they name."""
    config = border.config
    settings = config.subscriptions
    feeds = feeds or open_feed_source(settings.feeds)
    names = config.transport.headers_sent_on
    hub = SubscriptionHub(settings, names, feeds=feeds, authenticator=border.authenticator)

    def build(name: str, url: str) -> StreamingClient:
        return border.with_passports(name, build_stream(name, url, settings, border.transport))

    return Subscriptions(hub, build, {}, border)
