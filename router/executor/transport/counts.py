"""What the transport has done and how it stands, as metrics read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from router.errors import SubgraphFault
from router.executor.transport.breaker import BreakingClient
from router.executor.transport.events import BreakerState, TransportEvents
from router.executor.transport.http import HttpClient
from router.telemetry.catalogue import (
    ADDRESS_EJECTIONS,
    ADDRESSES_EJECTED,
    BREAKER_OPENED,
    BREAKER_REFUSALS,
    BREAKER_STATE,
    POOL_CONNECTIONS,
    POOL_WAITING,
    RETRIES,
    RETRIES_DENIED,
    SUBGRAPH_SHARED,
    Metric,
    Reading,
)


class TransportCounts(TransportEvents):
    """Counts the events of all subgraphs."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Metric, tuple[str, ...]]] = Counter()

    def breaker_changed(self, service: str, before: BreakerState, after: BreakerState) -> None:
        """Counts openings."""
        if after is BreakerState.OPEN:
            self._counts[BREAKER_OPENED, (service,)] += 1

    def refused_by_breaker(self, service: str) -> None:
        """Counts refusals."""
        self._counts[BREAKER_REFUSALS, (service,)] += 1

    def retried(self, service: str, fault: SubgraphFault) -> None:
        """Counts retries."""
        self._counts[RETRIES, (service, fault.value)] += 1

    def retry_budget_spent(self, service: str) -> None:
        """Counts retries that were not made."""
        self._counts[RETRIES_DENIED, (service,)] += 1

    def shared(self, service: str) -> None:
        """Counts requests that needed no exchange of their own."""
        self._counts[SUBGRAPH_SHARED, (service,)] += 1

    def ejected(self, service: str, address: str) -> None:
        """Counts ejections."""
        self._counts[ADDRESS_EJECTIONS, (service,)] += 1

    def readings(self) -> Iterator[Reading]:
        """Returns the counts."""
        for (metric, labels), count in self._counts.items():
            yield Reading(metric, count, labels)


def read_pool(client: HttpClient) -> Iterator[Reading]:
    """Returns how the connections to a subgraph stand."""
    pool = client.snapshot()
    yield Reading(POOL_CONNECTIONS, pool.in_use, (client.name, "in_use"))
    yield Reading(POOL_CONNECTIONS, pool.idle, (client.name, "idle"))
    yield Reading(POOL_WAITING, pool.waiting, (client.name,))
    yield Reading(ADDRESSES_EJECTED, sum(one.is_ejected for one in pool.addresses), (client.name,))


def read_breaker(client: BreakingClient) -> Iterator[Reading]:
    """Returns how the circuit breaker of a subgraph stands."""
    found = client.snapshot().state
    for state in BreakerState:
        yield Reading(BREAKER_STATE, int(state is found), (client.name, state.value))
