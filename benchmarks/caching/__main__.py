"""Runs the comparison and prints its table."""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from benchmarks.results_file import write_results
from router.cache.cache import Cache, SupergraphCache, open_cache
from router.cache.invalidation import Invalidation
from router.composition.compose import compose_supergraph
from router.composition.source import SubgraphSource
from router.config import CacheConfig, TransportConfig
from router.executor.caching.client import caching_layer
from router.executor.transport.build import Wiring, build_client
from router.executor.transport.client import RequestScope
from router.pipeline.caching import CachingRouter
from router.pipeline.executes import ExecutesInParts
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.supergraph import Supergraph, load_supergraph

LINKS = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://zellige.dev/specs/cache/v1.0", import: ["@cacheControl"])
"""
PRODUCTS = f"""{LINKS}
type Query {{ products: [Product!]! @cacheControl(maxAge: 600, scope: PUBLIC) }}
type Product @key(fields: "id") @cacheControl(maxAge: 600, scope: PUBLIC) {{ id: ID! name: String! }}
"""
STOCK = f"""{LINKS}
type Product @key(fields: "id") @cacheControl(maxAge: 600, scope: PUBLIC) {{
  id: ID! inStock: Int! shipping: String! warehouse: String!
}}
"""
PAGE = GraphQLRequest("{ products { id name inStock shipping warehouse } }")
HALF = [Invalidation(subgraph="stock", type="Product", key={"id": str(number)}) for number in range(0, 50, 2)]


@dataclass
class Contender:
    """One way to answer the page; `before` runs ahead of each request and does not count."""

    name: str
    router: ExecutesInParts
    before: Callable[[], Awaitable[object]] | None = None
    cpu_us: list[float] = field(default_factory=list)
    wall_us: list[float] = field(default_factory=list)

    async def measure(self, requests: int) -> None:
        """Adds one round."""
        gc.collect()
        cpu = wall = 0.0
        for _ in range(requests):
            if self.before is not None:
                await self.before()
            cpu_start, wall_start = time.process_time(), time.perf_counter()
            result = await self.router.execute(PAGE, RequestContext(scope=RequestScope()))
            cpu += time.process_time() - cpu_start
            wall += time.perf_counter() - wall_start
            assert not result.errors, result.errors
        self.cpu_us.append(cpu / requests * 1e6)
        self.wall_us.append(wall / requests * 1e6)


def _front(
    supergraph: Supergraph, url: str, config: CacheConfig, stack: AsyncExitStack
) -> tuple[ExecutesInParts, Cache | None]:
    """Returns a router over the subgraphs, with a cache of its own where the settings want one."""
    cache = open_cache(config) if config.enabled else None
    transport = TransportConfig()
    layers = () if cache is None else (caching_layer(SupergraphCache(cache, supergraph), transport),)
    wiring = Wiring(transport, layers=layers)
    clients = {name: build_client(name, [url], transport, wiring) for name in ("products", "stock")}
    router = Router(supergraph, clients)
    stack.push_async_callback(router.close)
    if cache is None:
        return router, None
    stack.push_async_callback(cache.close)
    return CachingRouter(router, cache, transport), cache


def _contenders(url: str, redis_url: str | None, stack: AsyncExitStack) -> list[Contender]:
    sources = [SubgraphSource("products", PRODUCTS, url), SubgraphSource("stock", STOCK, url)]
    sdl = compose_supergraph(sources).supergraph_sdl
    assert sdl is not None, "these compose"
    supergraph = load_supergraph(sdl)
    found = [Contender("off", _front(supergraph, url, CacheConfig(), stack)[0])]
    stores = {"memory": CacheConfig(enabled=True)}
    if redis_url is not None:
        redis = {"url": redis_url, "key_prefix": "zellige:benchmark:"}
        stores["redis"] = CacheConfig.model_validate({"enabled": True, "store": "redis", "redis": redis})
    for name, config in stores.items():
        router, cache = _front(supergraph, url, config, stack)
        assert cache is not None, "it is enabled"
        found += [
            Contender(f"{name}: all missed", router, _invalidating(cache, [Invalidation(is_all=True)])),
            Contender(f"{name}: half of the entities kept", router, _invalidating(cache, HALF)),
            Contender(f"{name}: all kept", router),
        ]
        whole = CacheConfig.model_validate({**config.model_dump(), "responses": {"enabled": True}})
        found.append(Contender(f"{name}: the answer kept", _front(supergraph, url, whole, stack)[0]))
    return found


def _invalidating(cache: Cache, what: list[Invalidation]) -> Callable[[], Awaitable[object]]:
    return lambda: cache.invalidate(what)


async def compare(url: str, redis_url: str | None, *, rounds: int, requests: int) -> list[Contender]:
    """Lets the contenders take turns, after a round each that does not count."""
    async with AsyncExitStack() as stack:
        contenders = _contenders(url, redis_url, stack)
        for contender in contenders:
            await Contender("warm-up", contender.router, contender.before).measure(requests)
        for _ in range(rounds):
            for contender in contenders:
                await contender.measure(requests)
        return contenders


def report(contenders: list[Contender]) -> None:
    """Prints medians and keeps them."""
    base = statistics.median(contenders[0].cpu_us)
    print(f"{'page of 50 products':<36}{'CPU us':>10}{'answered us':>14}{'CPU ratio':>12}")
    rows = []
    for one in contenders:
        cpu, wall = statistics.median(one.cpu_us), statistics.median(one.wall_us)
        print(f"{one.name:<36}{cpu:>10.0f}{wall:>14.0f}{cpu / base:>12.2f}")
        rows.append({"case": one.name, "cpu_us": round(cpu, 1), "wall_us": round(wall, 1)})
    write_results("caching", rows)


def main() -> None:
    """Starts the subgraphs, compares, prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.caching", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=200, help="per round and case")
    parser.add_argument("--redis", metavar="URL", help="measure with this Redis as well")
    options = parser.parse_args()
    command = [sys.executable, "-m", "benchmarks.caching.subgraph"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as subgraph:
        assert subgraph.stdin is not None
        assert subgraph.stdout is not None
        url = f"http://127.0.0.1:{subgraph.stdout.readline().strip()}/graphql"
        found = asyncio.run(compare(url, options.redis, rounds=options.rounds, requests=options.requests))
        subgraph.stdin.close()
    report(found)


if __name__ == "__main__":
    main()
