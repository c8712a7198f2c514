"""A shop of two subgraphs on real sockets behind the router and its cache; the tests turn its knobs.

Every answer that belongs to somebody says to whom, so that a leak shows in the data itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLResolveInfo, graphql

from router.cache.cache import Cache, SupergraphCache, open_cache
from router.config import CacheConfig, TransportConfig
from router.executor.caching.client import caching_layer
from router.executor.transport.build import Wiring, build_client
from router.executor.transport.client import RequestScope
from router.pipeline.caching import CachingRouter
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.response.result import GraphQLResult
from router.supergraph import Supergraph, load_supergraph
from tests.support.federated_sdl import read_subgraph
from tests.support.run_router import compose
from tests.transport.raw_server import Peer, RawServer, Received, raw_server

LINKS = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@cacheTag", "@shareable"])
  @link(url: "https://zellige.dev/specs/cache/v1.0", import: ["@cacheControl", "@cacheInvalidate"])
"""
CATALOGUE = f"""{LINKS}
type Query {{
  products: [Product!]! @cacheControl(maxAge: 100, scope: PUBLIC) @cacheTag(format: "products")
  product(id: ID!): Product @cacheControl(maxAge: 100, scope: PUBLIC) @cacheTag(format: "shown-{{$args.id}}")
  favourites: [Product!]!
  me: Viewer!
  greeting: String! @cacheControl(maxAge: 100)
}}
type Mutation {{
  rename(id: ID!, name: String!): Product @cacheInvalidate(type: "Product", key: "id: {{$args.id}}")
  touch(id: ID!): Product @cacheInvalidate(type: "Product", key: "id: {{$result.id}}")
  retag(id: ID!): Product @cacheInvalidate(tag: "product-{{$args.id}}")
  quiet(id: ID!, name: String!): Product
}}
type Product
  @key(fields: "id")
  @cacheControl(maxAge: 100, scope: PUBLIC)
  @cacheTag(format: "product-{{$key.id}}") {{
  id: ID!
  name: String!
}}
type Viewer @cacheControl(maxAge: 100, scope: PRIVATE) {{
  name: String!
  cart: [Product!]!
}}
"""
STOCK = f"""{LINKS}
type Product
  @key(fields: "id")
  @cacheControl(maxAge: 50, scope: PUBLIC)
  @cacheTag(format: "product-{{$key.id}}") {{
  id: ID!
  inStock(at: String): Int!
  ownPrice: String! @cacheControl(maxAge: 40, scope: PRIVATE)
  note: Note!
  never: Int! @cacheControl(maxAge: 0)
}}
type Note {{
  text: String!
}}
"""
SOURCES = {"catalogue": CATALOGUE, "stock": STOCK}
NAMES = {"1": "Khatim", "2": "Seffsaf", "3": "Loza", "4": "Bejmat"}


@dataclass
class Shop:
    """The running shop. `now` is the cache's clock; `headers` and `failing` are by subgraph."""

    supergraph: Supergraph
    now: float = 1_000_000.0
    names: dict[str, str] = field(default_factory=lambda: dict(NAMES))
    stock: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 10))
    favourites: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    broken_ids: set[str] = field(default_factory=set)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    arrivals: dict[str, asyncio.Event] = field(default_factory=dict)
    servers: dict[str, RawServer] = field(default_factory=dict)
    requests: list[tuple[str, Received]] = field(default_factory=list)

    def fetched(self, service: str) -> list[Any]:
        """Returns what a subgraph was asked for: the variables of each request."""
        return [received.payload.get("variables") for name, received in self.requests if name == service]

    def entities_fetched(self, service: str = "stock") -> list[str]:
        """Returns the ids of all entities a subgraph was asked for, in order."""
        return [
            one["id"]
            for variables in self.fetched(service)
            for name, value in (variables or {}).items()
            if name.startswith("representations") or isinstance(value, list)
            for one in value
        ]

    async def answer(self, service: str, schema: Any, peer: Peer, request: Received) -> None:
        """Answers one request of the router."""
        self.requests.append((service, request))
        if service in self.arrivals:
            self.arrivals[service].set()
        if service in self.gates:
            await self.gates[service].wait()
        if service in self.failing:
            peer.writer.transport.abort()
            return
        who = request.headers.get("authorization", "nobody")
        result = await graphql(
            schema,
            request.payload["query"],
            variable_values=request.payload.get("variables"),
            context_value=who,
            field_resolver=self.resolve,
            type_resolver=lambda value, *_: value["__typename"],
        )
        headers = self.headers.get(service, "")
        peer.answer(dict(result.formatted), status=self.status.get(service, "200 OK"), headers=headers)

    def resolve(self, source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        """Returns the value of a field: of the roots, of what is said to somebody, of the products."""
        name, who = info.field_name, info.context
        if name == "_entities":
            return [{**one} for one in arguments["representations"]]
        if name == "favourites":
            return [{"__typename": "Product", "id": one} for one in self.favourites.get(who, ())]
        if name in {"products", "cart"}:
            return [{"__typename": "Product", "id": one} for one in self.names]
        if name in {"rename", "quiet"}:
            self.names[arguments["id"]] = arguments["name"]
        if "id" in arguments:
            return {"__typename": "Product", "id": arguments["id"]}
        said = {"me": {"__typename": "Viewer", "name": who}, "greeting": f"hello {who}"}
        return said[name] if name in said else self.field_of(source, name, who)

    def field_of(self, source: Any, name: str, who: str) -> Any:
        """Returns the value of a field of an object."""
        match name:
            case "note":
                return {"text": f"{source['id']} for {who}"}
            case "ownPrice":
                return f"{source['id']} for {who}"
            case "inStock":
                return self.in_stock(source["id"])
            case "never":
                return 1
            case "name" if source["__typename"] == "Product":
                return self.names[source["id"]]
        return source.get(name)

    def in_stock(self, product: str) -> int:
        """Returns the stock; of a broken product it raises."""
        if product in self.broken_ids:
            raise ValueError("counted wrong")
        return self.stock[product]


async def until(condition: Callable[[], bool]) -> None:
    """Waits for what happens elsewhere in this process."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - it happens on a server, which has no event for it
            await asyncio.sleep(0.005)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client got."""

    result: GraphQLResult
    headers: Mapping[str, str]

    @property
    def data(self) -> Any:
        """The data of a response."""
        return self.result.data

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error.code for error in self.result.errors]

    @property
    def cache_control(self) -> str | None:
        """The Cache-Control of the response; None leaves it to the edge, which says no-store."""
        return self.headers.get("cache-control")


@dataclass(frozen=True, slots=True)
class Front:
    """One router process over the shop."""

    shop: Shop
    cache: Cache
    supergraph_cache: SupergraphCache
    router: CachingRouter
    inner: Router

    async def ask(self, query: str, variables: Any = None, **headers: str) -> Answer:
        """Runs one operation; underscores in header names become dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        scope = RequestScope("test")
        context = RequestContext(named, "test", scope=scope)
        request = GraphQLRequest(query, None, variables or {})
        async with asyncio.timeout(30):
            result = await self.router.execute(request, context)
        sent = {name.decode(): value.decode() for name, value in scope.response_headers}
        return Answer(result, sent)

    def counts(self, service: str, type_name: str) -> Mapping[str, int]:
        """Returns the counters of a type."""
        return self.cache.counters.snapshot().get((service, type_name), {})

    async def settle(self) -> None:
        """Waits until no refresh is under way."""
        await until(lambda: len(self.cache.refreshes) == 0)


@functools.cache
def _supergraph() -> Supergraph:
    composition = compose(SOURCES)
    assert composition.supergraph_sdl is not None, "compose raises otherwise"
    return load_supergraph(composition.supergraph_sdl)


def config_of(**settings: Any) -> CacheConfig:
    """Returns the settings of a cache that is on."""
    return CacheConfig.model_validate({"enabled": True, **settings})


@contextlib.asynccontextmanager
async def open_shop() -> AsyncIterator[Shop]:
    """Runs the two subgraphs while the block runs."""
    shop = Shop(_supergraph())
    async with contextlib.AsyncExitStack() as stack:
        for name, sdl in SOURCES.items():
            schema = read_subgraph(name, sdl).schema

            async def behave(peer: Peer, request: Received, name: str = name, schema: Any = schema) -> None:
                await shop.answer(name, schema, peer, request)

            shop.servers[name] = await stack.enter_async_context(raw_server(behave))
        yield shop


@contextlib.asynccontextmanager
async def open_front(
    shop: Shop, config: CacheConfig, *, compile_after: int | None = 0, **transport: Any
) -> AsyncIterator[Front]:
    """Runs a router with a cache of its own over the shop while the block runs.

    `compile_after` is the router's: None leaves every operation to the interpreting executor.
    """
    cache = open_cache(config, lambda: shop.now)
    cache.draw = lambda: 0.0  # nothing is refreshed ahead of time, unless a test says so
    supergraph_cache = SupergraphCache(cache, shop.supergraph)
    settings = TransportConfig.model_validate(transport)
    wiring = Wiring(layers=(caching_layer(supergraph_cache, settings),))
    clients = {
        name: build_client(name, [server.url], settings, wiring) for name, server in shop.servers.items()
    }
    inner = Router(shop.supergraph, clients, compile_after=compile_after)
    router = CachingRouter(inner, cache, settings)
    try:
        yield Front(shop, cache, supergraph_cache, router, inner)
    finally:
        await inner.close()
        await cache.close()
