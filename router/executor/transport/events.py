"""What the transport tells while it works, for metrics and logs."""

from __future__ import annotations

from enum import Enum

from router.errors import SubgraphFault


class BreakerState(Enum):
    """What a circuit breaker does with requests: all pass, none, or a few probes."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class TransportEvents:
    """Does nothing; whoever counts overrides what it counts. The methods must be quick and raise nothing."""

    def breaker_changed(self, service: str, before: BreakerState, after: BreakerState) -> None:
        """A circuit breaker changed its state."""

    def refused_by_breaker(self, service: str) -> None:
        """A request was answered at once because its subgraph's breaker is open."""

    def retried(self, service: str, fault: SubgraphFault) -> None:
        """A query is about to be sent once more after this fault."""

    def retry_budget_spent(self, service: str) -> None:
        """A query was not sent once more because too many were."""

    def shared(self, service: str) -> None:
        """A request shares the exchange of an equal one."""

    def ejected(self, service: str, address: str) -> None:
        """An address is left out for a while."""

    def restored(self, service: str, address: str) -> None:
        """An address that was left out is used again."""
