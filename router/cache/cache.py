"""The cache of a process, and what it knows of the supergraph that is served."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from weakref import WeakSet

from router.cache.counters import CacheCounters
from router.cache.declarations import read_declarations
from router.cache.entity_keys import EntityKeys
from router.cache.fetch_facts import FetchFactsOf
from router.cache.flights import Flights
from router.cache.front import FrontedStore
from router.cache.invalidation import Invalidation, InvalidationNames
from router.cache.memory import MemoryStore
from router.cache.names import ALL, Name
from router.cache.refreshes import Refreshes
from router.cache.store import Store
from router.cache.viewer import Viewers
from router.config import CacheConfig
from router.supergraph import Supergraph
from router.telemetry.catalogue import CACHE_REFRESHES, Reading

# Nobody invalidates more at once on purpose; beyond it, everything is invalidated, which is always right.
NAMES_PER_INVALIDATION_MAX = 50_000


class Cache:
    """What one process keeps, whichever supergraph it serves: it outlives reloads.

    `clock` gives the seconds of the wall clock, `draw` a number from 0 up to 1.
    """

    def __init__(
        self,
        config: CacheConfig,
        store: Store,
        clock: Callable[[], float] = time.time,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.config = config
        self.store = store
        self.clock = clock
        self.draw = draw
        self.counters = CacheCounters()
        self.viewers = Viewers(config)
        self.flights = Flights()
        self.refreshes = Refreshes(config.refreshes_max)
        self._served: WeakSet[SupergraphCache] = WeakSet()

    async def invalidate(self, invalidations: Iterable[Invalidation]) -> bool:
        """Makes entries invalid, here and wherever the store is shared.

        This is what `POST /cache/invalidate`, mutations and events call. Returns False when a shared store
        could not be told yet: it will be, and until then this process reads nothing from it.
        """
        given = list(invalidations)
        names: set[Name] = set()
        # Of several supergraphs that are served while one takes over from another, all names count.
        for supergraph in tuple(self._served):
            names.update(*(supergraph.names_of(one) for one in given))
        if any(one.is_all for one in given) or len(names) > NAMES_PER_INVALIDATION_MAX:
            names = {ALL}
        if not names:
            return True
        self.counters.invalidations += len(given)
        is_delivered = await self.store.invalidate(tuple(names))
        self.counters.undelivered += not is_delivered
        return is_delivered

    def serve(self, supergraph: SupergraphCache) -> None:
        """Notes a supergraph for as long as somebody holds it."""
        self._served.add(supergraph)

    def readings(self) -> Iterator[Reading]:
        """Returns what the cache counts, and how its store stands."""
        yield from self.counters.readings()
        yield from self.store.readings()
        yield Reading(CACHE_REFRESHES, len(self.refreshes))

    async def close(self) -> None:
        """Ends background work and releases the store."""
        await self.refreshes.close()
        await self.store.close()


def open_cache(config: CacheConfig, clock: Callable[[], float] = time.time) -> Cache:
    """Returns the cache the settings ask for; nothing is connected before the first use."""
    return Cache(config, _open_store(config, clock), clock)


def _open_store(config: CacheConfig, clock: Callable[[], float]) -> Store:
    if config.store == "memory":
        return MemoryStore(config.memory.max_bytes, clock)
    # Nine megabytes, which a router that keeps its answers in memory does without.
    from router.cache.redis_store import RedisStore  # noqa: PLC0415

    redis = config.redis
    store = RedisStore(redis, config.max_age_s_max, clock)
    if not redis.front_max_age_ms:
        return store
    return FrontedStore(store, redis.front_max_age_ms / 1000, redis.front_max_bytes, clock)


class SupergraphCache:
    """The cache over one supergraph: its rules, keys and names."""

    def __init__(self, cache: Cache, supergraph: Supergraph) -> None:
        self.cache = cache
        self.supergraph = supergraph
        self.declarations = read_declarations(supergraph)
        self.keys = EntityKeys(supergraph)
        self._names = InvalidationNames(supergraph, self.declarations, self.keys)
        self._graphs = {subgraph.name: graph for graph, subgraph in supergraph.subgraphs.items()}
        cache.serve(self)

    def graph_of(self, subgraph: str) -> str | None:
        """Returns the id of the subgraph of that name; None when the supergraph has none."""
        return self._graphs.get(subgraph)

    def facts_of(self, graph: str) -> FetchFactsOf:
        """Returns the reader of a subgraph's documents."""
        return FetchFactsOf(self.supergraph, graph, self.declarations[graph])

    def names_of(self, invalidation: Invalidation) -> set[Name]:
        """Returns the names that an invalidation renews in this supergraph."""
        return self._names.of(invalidation)
