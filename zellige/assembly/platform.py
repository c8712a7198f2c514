"""Everything in one process: the domains, composed behind the router, calling each other without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import httpx2

from router.cache.cache import Cache, SupergraphCache, open_cache
from router.composition.compose import compose_supergraph
from router.composition.diagnostics import render_text
from router.composition.source import SubgraphSource
from router.config import RouterConfig
from router.executor.caching.client import caching_layer
from router.executor.transport.build import Wiring, wrap_client
from router.executor.transport.in_process import InProcessClient
from router.executor.transport.in_process_stream import InProcessStream
from router.executor.transport.observe import ObservingClient
from router.executor.transport.stream import Streams
from router.pipeline.caching import CachingRouter
from router.pipeline.executes import ExecutesInParts
from router.pipeline.router import Router
from router.supergraph import load_supergraph
from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.migrations import prepare_database
from subgraphs.kit.settings import KitSettings
from zellige.assembly.border import Border, assemble_border
from zellige.assembly.domains import Ports, create_domain, pick_domains
from zellige.assembly.in_process_router import InProcessRouterClient
from zellige.assembly.platform_keys import IDENTITY, with_platform_keys
from zellige.assembly.supergraph_file import SubgraphEntry
from zellige.errors import CommandFailed


@dataclass(frozen=True, slots=True)
class Platform:
    """The assembled parts; `start` before the first request, `stop` after the last."""

    router: Router
    domains: tuple[SubgraphApp, ...]
    config: RouterConfig
    supergraph_sdl: str
    border: Border
    cache: Cache | None = None

    @property
    def front(self) -> ExecutesInParts:
        """The router as clients reach it, behind its cache if it has one."""
        return self.router if self.cache is None else CachingRouter(self.router, self.cache)

    @property
    def streams(self) -> Streams:
        """The subscriptions that domains resolve themselves, by domain."""
        return {domain.name: InProcessStream(domain.name, domain.subscribe) for domain in self.domains}

    async def start(self) -> None:
        """Opens what the domains hold open."""
        for domain in self.domains:
            await domain.startup()

    async def stop(self) -> None:
        """Closes it again, the last opened first."""
        await self.border.close()
        if self.cache is not None:
            await self.cache.close()
        for domain in reversed(self.domains):
            await domain.shutdown()

    async def is_ready(self) -> bool:
        """Says whether every domain's database answers; raises what the database raises."""
        await asyncio.gather(*(domain.database.ping() for domain in self.domains))
        return True


def assemble_platform(
    entries: Sequence[SubgraphEntry],
    settings: KitSettings,
    config: RouterConfig,
    ports: Ports | None = None,
) -> Platform:
    """Returns the platform over the domains' schemas; raises CommandFailed when they do not compose.

    `ports` are offered to every domain and may stand in for the way to the router itself. Unless `config`
    names issuers, the platform's own tokens tell who asks.
    """
    client = InProcessRouterClient()
    picked = pick_domains(entries)
    domains = tuple(create_domain(entry, settings, {"router": client, **(ports or {})}) for entry in picked)
    config, border = _border_of(domains, config, settings, (ports or {}).get("clock") or SystemClock())
    sources = [
        SubgraphSource(domain.name, domain.sdl(), entry.url, entry.module, domain.origins())
        for entry, domain in zip(picked, domains, strict=True)
    ]
    composition = compose_supergraph(sources)
    if composition.supergraph_sdl is None:
        raise CommandFailed("The subgraphs do not compose.\n" + render_text(composition.diagnostics))
    supergraph = load_supergraph(composition.supergraph_sdl)
    cache = open_cache(config.cache) if config.cache.enabled else None
    caching = () if cache is None else (caching_layer(SupergraphCache(cache, supergraph)),)
    wiring = Wiring(layers=(ObservingClient, *caching, *border.layers))
    clients = {
        domain.name: wrap_client(domain.name, InProcessClient(domain.name, domain.execute), wiring)
        for domain in domains
    }
    router = Router(supergraph, clients, config.limits, access=border.access)
    client.connect(router)
    return Platform(router, domains, config, composition.supergraph_sdl, border, cache)


def _border_of(
    domains: Sequence[SubgraphApp], config: RouterConfig, settings: KitSettings, clock: Clock
) -> tuple[RouterConfig, Border]:
    identity = next((domain for domain in domains if domain.name == IDENTITY), None)
    config = with_platform_keys(config, settings, has_identity=identity is not None)
    transport = httpx2.ASGITransport(identity.asgi) if identity is not None else None
    return config, assemble_border(config, transport=transport, now=lambda: clock.now().timestamp())


async def prepare_databases(entries: Sequence[SubgraphEntry], settings: KitSettings) -> None:
    """Creates and migrates every domain's database."""
    for entry in pick_domains(entries):
        await prepare_database(settings, entry.name)
