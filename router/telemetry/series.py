"""The series of one operation's name and of one subgraph: plain numbers, made into metrics when asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from router.telemetry import catalogue
from router.telemetry.catalogue import Metric, Reading
from router.telemetry.durations import Durations
from router.telemetry.record import FetchRecord

Distribution = tuple[Metric, tuple[str, ...], Durations]


class OperationSeries:
    """What is counted under one name of operations; kinds and codes are few, so its tables cannot grow."""

    __slots__ = ("_bounds", "_durations", "_name", "errors", "fetches")

    def __init__(self, name: str, bounds_s: tuple[float, ...]) -> None:
        self._name = name
        self._bounds = bounds_s
        self._durations: dict[str, Durations] = {}
        self.errors: Counter[str] = Counter()
        self.fetches = 0

    def durations(self, kind: str) -> Durations:
        """The durations of operations of one kind."""
        found = self._durations.get(kind)
        if found is None:
            found = self._durations[kind] = Durations(self._bounds)
        return found

    def readings(self) -> Iterator[Reading]:
        """Yields its counters."""
        yield Reading(catalogue.OPERATION_FETCHES, self.fetches, (self._name,))
        for code, count in self.errors.items():
            yield Reading(catalogue.OPERATION_ERRORS, count, (self._name, code))

    def distributions(self) -> Iterator[Distribution]:
        """Yields its durations."""
        for kind, durations in self._durations.items():
            yield catalogue.OPERATION_DURATION, (self._name, kind), durations


class SubgraphSeries:
    """What is counted of one subgraph."""

    __slots__ = ("_bytes", "_cached", "_durations", "_entities", "_name", "errors", "failures")

    def __init__(self, name: str, bounds_s: tuple[float, ...]) -> None:
        self._name = name
        self._durations = Durations(bounds_s)
        self._entities = 0
        self._bytes = 0
        self.failures: Counter[str] = Counter()
        self._cached: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()

    def count(self, fetch: FetchRecord) -> None:
        """Counts one request to the subgraph, but for its failure."""
        self._entities += fetch.entities
        self._bytes += fetch.bytes_received
        if fetch.cache is not None:
            self._cached[fetch.cache] += 1
        # What a cache answered would hide how long the subgraph takes; what has no end was given up.
        if fetch.cache != "hit" and fetch.ended_at:
            self._durations.add(fetch.ended_at - fetch.started_at)

    def readings(self) -> Iterator[Reading]:
        """Yields its counters."""
        yield Reading(catalogue.SUBGRAPH_ENTITIES, self._entities, (self._name,))
        yield Reading(catalogue.SUBGRAPH_BYTES, self._bytes, (self._name,))
        for metric, counts in (
            (catalogue.SUBGRAPH_FAILURES, self.failures),
            (catalogue.SUBGRAPH_ERRORS, self.errors),
            (catalogue.SUBGRAPH_CACHED, self._cached),
        ):
            for label, count in counts.items():
                yield Reading(metric, count, (self._name, label))

    def distributions(self) -> Iterator[Distribution]:
        """Yields its durations."""
        yield catalogue.SUBGRAPH_DURATION, (self._name,), self._durations
