"""The router as a process of its own, over subgraphs that answer HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from router.config import ConfigError, RouterConfig, SubgraphConfig, load_config
from router.errors import InvalidSupergraphError
from router.executor.transport.http import HttpClient
from router.executor.transport.url import SubgraphUrlError
from router.pipeline.router import Router
from router.server.app import create_app
from router.supergraph import Supergraph, load_supergraph
from zellige.errors import CommandFailed


def read_supergraph(path: Path) -> Supergraph:
    """Returns the supergraph of an SDL file; raises CommandFailed with what is wrong with it."""
    try:
        return load_supergraph(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from error
    except InvalidSupergraphError as error:
        raise CommandFailed(f"{path} is not a supergraph: {error}") from error


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


def create_standalone_router(
    supergraph: Supergraph, config: RouterConfig, urls: Mapping[str, str]
) -> FastAPI:
    """Returns the ASGI app; an address in `urls` comes before the settings, these before the supergraph."""
    unknown = sorted(set(urls) - {subgraph.name for subgraph in supergraph.subgraphs.values()})
    if unknown:
        raise CommandFailed(f"The supergraph has no subgraph {', '.join(unknown)}")
    clients = {
        subgraph.name: _client(subgraph.name, subgraph.url, config, urls)
        for subgraph in supergraph.subgraphs.values()
    }
    router = Router(supergraph, clients, config.limits)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await router.close()

    return create_app(
        router,
        config.server,
        is_ready=lambda: True,  # the supergraph is loaded before the port opens; subgraphs may come and go
        limits=config.limits,
        lifespan=lifespan,
        access_log=config.logging.access_log,
    )


def _client(name: str, own_url: str, config: RouterConfig, urls: Mapping[str, str]) -> HttpClient:
    settings = config.transport.subgraphs.get(name, SubgraphConfig())
    url = urls.get(name) or settings.url or own_url
    if not url:
        raise CommandFailed(f"{name} has no address: pass --subgraph-url {name}=http://host:port/graphql")
    try:
        return HttpClient(name, url, config.transport, settings)
    except (SubgraphUrlError, OSError) as error:
        raise CommandFailed(f"{name}: {error}") from error
