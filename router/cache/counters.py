"""What the cache did, counted by subgraph and type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from router.telemetry.catalogue import CACHE_INVALIDATIONS, CACHE_LOOKUPS, CACHE_UNDELIVERED, Reading

# Of a root fetch and of a whole response, in the place of an entity's type.
ROOT = "(root)"
RESPONSE = "(response)"
CLIENT = "(client)"
TYPES_MAX = 2_000
OTHER = "(other)"


@dataclass(slots=True)
class TypeCounts:
    """Counts of one type in one subgraph since the start."""

    hits: int = 0
    misses: int = 0
    stale: int = 0
    """Served after their age: while revalidated, or because the subgraph failed."""
    stored: int = 0
    refused: int = 0
    """Fetched and not kept: forbidden, private without a viewer, with errors, too large."""
    shared: int = 0
    """Waited for somebody else's fetch of the same thing."""
    refreshed: int = 0


@dataclass(slots=True)
class CacheCounters:
    """Counters of one process; types come from the supergraph, so there are few of them."""

    types: dict[tuple[str, str], TypeCounts] = field(default_factory=dict)
    invalidations: int = 0
    undelivered: int = 0

    def of(self, subgraph: str, type_name: str) -> TypeCounts:
        """Returns the counts to add to."""
        found = self.types.get((subgraph, type_name))
        if found is None:
            if len(self.types) >= TYPES_MAX:
                subgraph, type_name = OTHER, OTHER
            found = self.types.setdefault((subgraph, type_name), TypeCounts())
        return found

    def snapshot(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """Returns the counts by subgraph and type, as they are now."""
        names = TypeCounts.__slots__
        return {key: {name: getattr(one, name) for name in names} for key, one in self.types.items()}

    def readings(self) -> Iterator[Reading]:
        """Returns the counts as metrics."""
        for key, counts in self.snapshot().items():
            for result, count in counts.items():
                yield Reading(CACHE_LOOKUPS, count, (*key, result))
        yield Reading(CACHE_INVALIDATIONS, self.invalidations)
        yield Reading(CACHE_UNDELIVERED, self.undelivered)
