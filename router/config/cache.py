"""What the router keeps of answers, for whom and how long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from router.config.cache_events import CacheEventsConfig
from router.config.section import Section


class SubgraphCacheConfig(Section):
    """How long the answers of a subgraph are kept where neither its schema nor its headers say."""

    enabled: bool = True
    """False passes its requests through, and no answer to a client that has its data is kept."""
    default_max_age_s: float = Field(default=0, ge=0, le=31_536_000)
    """The age of what has none: no @cacheControl reached it and the answer had no Cache-Control."""
    stale_while_revalidate_s: float = Field(default=0, ge=0, le=31_536_000)
    """For so long after its age an entry is still served, while it is fetched anew in the background."""
    stale_if_error_s: float = Field(default=0, ge=0, le=31_536_000)
    """For so long after its age an entry is served when the subgraph cannot be reached or answers 5xx."""


class MemoryStoreConfig(Section):
    """The store in the process itself: each worker has its own."""

    max_bytes: int = Field(default=64_000_000, ge=1_000)
    """Bytes of entries, their keys and bookkeeping estimated; what was used longest ago goes first."""


class RedisStoreConfig(Section):
    """The store all processes share. A Redis that is down costs time, never rightness."""

    url: str = "redis://127.0.0.1:6379"
    key_prefix: str = Field(default="zellige:cache:", min_length=1, max_length=64)
    timeout_ms: int = Field(default=100, ge=1, le=10_000)
    """How long one exchange with Redis may take before the router goes on without it."""
    connections_max: int = Field(default=16, ge=1, le=1_000)
    failures_max: int = Field(default=3, ge=1, le=1_000)
    """After so many failures in a row Redis is left alone for `pause_ms`."""
    pause_ms: int = Field(default=1_000, ge=10, le=600_000)
    front_max_age_ms: int = Field(default=0, ge=0, le=60_000)
    """Above 0, entries read from Redis are kept in memory for so long: fewer exchanges, and an invalidation
    made by another process is seen that much later."""
    front_max_bytes: int = Field(default=16_000_000, ge=1_000)


class ResponseCacheConfig(Section):
    """Whole answers to clients, kept under their operation and variables."""

    enabled: bool = False
    max_bytes: int = Field(default=1_000_000, ge=1)
    """A larger answer is not kept."""


class InvalidationConfig(Section):
    """`POST` on `path`; off without a key."""

    path: str = Field(default="/cache/invalidate", pattern=r"^/[^?#]*$")
    key: SecretStr | None = Field(default=None, min_length=16)
    """Who sends it as `Authorization: Bearer ...` may invalidate. At least 16 characters."""
    requests_max: int = Field(default=1_000, ge=1, le=100_000)
    """Invalidations in one request."""


class CacheConfig(Section):
    """Answers kept: of subgraphs by entity and by root fetch, and of the router as a whole."""

    enabled: bool = False
    store: Literal["memory", "redis"] = "memory"
    """`memory`: each process its own, invalidated alone; `redis`: one for all workers and machines."""
    memory: MemoryStoreConfig = MemoryStoreConfig()
    redis: RedisStoreConfig = RedisStoreConfig()
    responses: ResponseCacheConfig = ResponseCacheConfig()
    invalidation: InvalidationConfig = InvalidationConfig()
    events: CacheEventsConfig = CacheEventsConfig()
    max_age_s_max: int = Field(default=86_400, ge=1, le=31_536_000)
    """No age is longer, stale times included; so no lost invalidation matters for longer either."""
    private: bool = False
    """Keep what is private too, under the viewer it was answered to."""
    viewer_key: SecretStr | None = Field(default=None, min_length=16)
    """The secret viewers are told apart with; needed for processes to share private entries."""
    identity_headers: tuple[str, ...] = ("authorization", "cookie")
    """Who sends any of these is a viewer of their own: nothing they get is shared unless it is said to be
    public."""
    vary_headers: tuple[str, ...] = ("accept-language",)
    """Other headers that answers depend on. Every header sent on to subgraphs counts, named here or not, but
    for `unvarying_headers`."""
    unvarying_headers: tuple[str, ...] = ("x-request-id", "traceparent", "tracestate", "baggage")
    """Headers that are sent on and never change an answer."""
    entity_bytes_max: int = Field(default=1_000_000, ge=1)
    """A larger entity or root answer is not kept."""
    refreshes_max: int = Field(default=64, ge=0, le=10_000)
    """Background fetches at a time; further stale entries are served and wait for the next request."""
    debug: bool = False
    """A request with the header `x-zellige-cache-debug: 1` is told what was hit, in `extensions.cache`."""
    defaults: SubgraphCacheConfig = SubgraphCacheConfig()
    """For every subgraph without an entry below."""
    subgraphs: dict[str, SubgraphCacheConfig] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _lower_header_names(self) -> CacheConfig:
        for name in ("identity_headers", "vary_headers", "unvarying_headers"):
            lowered = tuple(header.lower() for header in getattr(self, name))
            if lowered != getattr(self, name):
                raise ValueError(f"{name}: header names are written in lower case")
        return self

    def of_subgraph(self, name: str) -> SubgraphCacheConfig:
        """Returns what holds for one subgraph."""
        return self.subgraphs.get(name, self.defaults)

    def telling_headers(self, sent_on: Iterable[str]) -> tuple[str, ...]:
        """Returns the headers that answers are told apart by, besides who asks."""
        named = {name.lower() for name in (*sent_on, *self.vary_headers)}
        return tuple(sorted(named.difference(self.unvarying_headers, self.identity_headers)))
