"""The router as a process of its own, over subgraphs that answer HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from router.cache.cache import SupergraphCache, open_cache
from router.config import ConfigError, RouterConfig, SubgraphConfig, load_config
from router.errors import InvalidSupergraphError
from router.executor.caching.client import caching_layer
from router.executor.transport.build import Wiring, build_client
from router.executor.transport.client import SubgraphClient
from router.executor.transport.observe import ObservingClient
from router.executor.transport.shared import SharedClients
from router.executor.transport.url import SubgraphUrlError
from router.pipeline.caching import DEBUG_HEADER, CachingRouter
from router.pipeline.demand import COST_HEADER
from router.pipeline.in_flight import QueriesInFlight
from router.pipeline.introspection import KEY_HEADER
from router.pipeline.invalidation_feed import open_invalidation_feed, run_cache
from router.pipeline.reload.generations import ClosableRouter, ReloadableRouter
from router.pipeline.reload.source import SourceError, SupergraphSource, open_source
from router.pipeline.reload.watch import SupergraphWatch
from router.pipeline.router import Router
from router.server.app import RouterApp, create_app
from router.server.metrics_listener import listen_for_scrapes
from router.server.telemetry import create_telemetry, run_telemetry
from router.supergraph import Supergraph, load_supergraph
from router.telemetry.telemetry import Telemetry
from zellige.assembly.border import assemble_border
from zellige.assembly.gate import assemble_gate
from zellige.assembly.passages import Passage, add_passages
from zellige.assembly.subscriptions import Subscriptions, assemble_subscriptions
from zellige.errors import CommandFailed


def read_config(path: Path | None) -> RouterConfig:
    """Returns the settings of `router.yaml`, or the defaults when there is none."""
    if path is None:
        return RouterConfig()
    try:
        return load_config(path)
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from error
    except ConfigError as error:
        raise CommandFailed(str(error)) from error


@dataclass(frozen=True, slots=True)
class StandaloneOptions:
    """What a router process is told: its settings, where its supergraph is, and addresses of subgraphs.

    An address in `urls` comes before the settings, these before the supergraph.
    """

    config: RouterConfig
    source: str
    urls: Mapping[str, str] = field(default_factory=dict)
    passages: Mapping[str, str] = field(default_factory=dict)
    """Paths that a subgraph answers, and where."""


@dataclass(frozen=True, slots=True)
class Standalone:
    """The assembled application; the watch over its supergraph runs while it is served."""

    app: RouterApp
    router: ReloadableRouter
    watch: SupergraphWatch


def assemble_standalone(options: StandaloneOptions, worker: int = 0) -> Standalone:
    """Returns the application over the supergraph as it is now; raises CommandFailed when there is none.

    `worker` is the number of the process among those of one command.
    """
    config = options.config
    telemetry, scrapes = _telemetry_of(config), _listen_for_scrapes(config, worker)
    builder = RouterBuilder(options)
    border = builder.border
    source = open_source(options.source, config.supergraph)
    first = _build_first(source, builder)
    reloadable = ReloadableRouter(first)
    cache = builder.cache
    cached = reloadable if cache is None else CachingRouter(reloadable, cache, config.transport)
    watch = SupergraphWatch(source, reloadable, builder.build, config.supergraph)
    served = QueriesInFlight(cached, _headers_that_matter(config), reloadable.generation)
    subscriptions = assemble_subscriptions(border)
    reloadable.on_replace(_carrying_over(subscriptions, builder))
    invalidations = open_invalidation_feed(cache) if cache is not None else None
    executes = served if config.server.deduplication.enabled else cached
    gate = builder.gate_parts.before(executes)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        components = [reloadable, served, app.admission, builder.transport, watch, subscriptions.hub]
        components += [gate, builder.gate_parts, border]
        components += [one for one in (cache, invalidations) if one is not None]
        counting = run_telemetry(telemetry, config.telemetry, scrapes, components)
        subscribing = subscriptions.running(first, builder.first_addresses(first.supergraph))
        async with (
            counting,
            run_cache(cache, invalidations),
            builder.gate_parts.running(),
            border.running(),
            subscribing,
        ):
            watching = asyncio.create_task(watch.run())
            try:
                yield
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
                await reloadable.close()

    app = create_app(
        gate,
        config.server,
        is_ready=lambda: True,  # the supergraph is loaded before the port opens; subgraphs may come and go
        limits=config.limits,
        lifespan=lifespan,
        telemetry=telemetry,
        authentication=border.edge,
    )
    if cache is not None:
        app.serve_cache(cache)
    passages = [Passage(path, url) for path, url in options.passages.items()]
    add_passages(app.pages, passages, config.server)
    if config.subscriptions.enabled:
        subscriptions.serve(app, executes, config, telemetry, gate)
    return Standalone(app, reloadable, watch)


def _carrying_over(
    subscriptions: Subscriptions, builder: RouterBuilder
) -> Callable[[ClosableRouter], Awaitable[None]]:
    async def carry_over(router: ClosableRouter) -> None:
        assert isinstance(router, Router), "the builder builds these"
        await subscriptions.adopt(router, builder.first_addresses(router.supergraph))

    return carry_over


def check_supergraph(options: StandaloneOptions) -> None:
    """Raises CommandFailed when the supergraph could not be served as it is now."""
    _telemetry_of(options.config)
    _build_first(open_source(options.source, options.config.supergraph), RouterBuilder(options))


def _build_first(source: SupergraphSource, builder: RouterBuilder) -> Router:
    try:
        text = source.read()
        assert text is not None, "the first text is always new"
        supergraph = load_supergraph(text)
    except SourceError as error:
        raise CommandFailed(str(error)) from error
    except InvalidSupergraphError as error:
        raise CommandFailed(f"{builder.source} is not a supergraph: {error}") from error
    try:
        return builder.build(supergraph)
    except InvalidSupergraphError as error:
        raise CommandFailed(str(error)) from error


def _listen_for_scrapes(config: RouterConfig, worker: int) -> socket.socket | None:
    metrics = config.telemetry.metrics
    if not metrics.enabled:
        return None
    try:
        return listen_for_scrapes(metrics, worker)
    except OSError as error:
        place = f"{metrics.host}:{metrics.port + worker}"
        raise CommandFailed(
            f"telemetry.metrics: {place} cannot be listened on: {error.strerror}. "
            "Choose another telemetry.metrics.port."
        ) from error


def _telemetry_of(config: RouterConfig) -> Telemetry:
    try:
        return create_telemetry(config)
    except ConfigError as error:
        raise CommandFailed(str(error)) from error


class RouterBuilder:
    """Builds routers after the settings; those of one process share the connections to subgraphs."""

    def __init__(self, options: StandaloneOptions) -> None:
        config = options.config
        self.source = options.source
        self.border = assemble_border(config)
        self._options = options
        self.transport = Wiring(config.transport, layers=self.border.layers)
        self.gate_parts = assemble_gate(config)
        self.cache = open_cache(config.cache) if config.cache.enabled else None
        self._clients = SharedClients(
            lambda name, urls: build_client(name, urls, self.border.transport, self.transport)
        )

    def build(self, supergraph: Supergraph) -> Router:
        """Returns a router over the supergraph; raises InvalidSupergraphError when it cannot be served."""
        unknown = sorted(set(self._options.urls) - {subgraph.name for subgraph in supergraph.services})
        if unknown:
            raise InvalidSupergraphError(f"The supergraph has no subgraph {', '.join(unknown)}")
        addresses = {one.name: self._addresses(one.name, one.url) for one in supergraph.services}
        try:
            lent = self._clients.lend(addresses)
        except (SubgraphUrlError, OSError) as error:
            raise InvalidSupergraphError(f"a subgraph cannot be asked: {error}") from error
        # What is around the shared clients belongs to one supergraph.
        clients = {name: ObservingClient(name, client) for name, client in self._cached(supergraph, lent)}
        guards = self.gate_parts.guards(supergraph)
        limits, access = self._options.config.limits, self.border.access
        return Router(supergraph, clients, limits, guards=guards, access=access)

    def _cached(
        self, supergraph: Supergraph, clients: Mapping[str, SubgraphClient]
    ) -> Iterable[tuple[str, SubgraphClient]]:
        if self.cache is None:
            return clients.items()
        layer = caching_layer(SupergraphCache(self.cache, supergraph), self._options.config.transport)
        return [(name, layer(name, client)) for name, client in clients.items()]

    def first_addresses(self, supergraph: Supergraph) -> dict[str, str]:
        """Returns one address of each subgraph; a subscription stays where it was opened."""
        return {one.name: self._addresses(one.name, one.url)[0] for one in supergraph.services}

    def _addresses(self, name: str, own_url: str) -> Sequence[str]:
        settings = self._options.config.transport.subgraphs.get(name, SubgraphConfig())
        if name in self._options.urls:
            return (self._options.urls[name],)
        found = settings.urls or ((own_url,) if own_url else ())
        if not found:
            advice = f"pass --subgraph-url {name}=http://host:port/graphql"
            raise InvalidSupergraphError(f"{name} has no address: {advice}")
        return found


def _headers_that_matter(config: RouterConfig) -> tuple[str, ...]:
    """Returns the names of the client's headers that may change an answer."""
    settings = config.server.deduplication
    passed_on = set(config.transport.headers_sent_on) - set(settings.headers_of_each_request)
    cache = config.cache
    told_apart = (*cache.identity_headers, *cache.vary_headers, DEBUG_HEADER) if cache.enabled else ()
    told = (COST_HEADER, KEY_HEADER) if config.demand.show or config.introspection.key else ()
    return (*settings.headers, *sorted(passed_on), *told_apart, *told)
