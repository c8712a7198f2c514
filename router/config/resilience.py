"""What is done about subgraphs that fail: retries, circuit breakers, ejection of addresses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from router.config.section import Section

_Status = Annotated[int, Field(ge=400, le=599)]


class RetryConfig(Section):
    """Sending a query once more after a failure that may pass. Mutations are never sent again."""

    enabled: bool = True
    attempts_max: int = Field(default=3, ge=1, le=10)
    """How often one query is sent in all."""
    backoff_ms: int = Field(default=50, ge=1, le=60_000)
    """The longest pause before the first retry, doubled for each further one; the pause is drawn from 0 up to
    it, so that those who failed together do not come back together."""
    backoff_ms_max: int = Field(default=2_000, ge=1, le=60_000)
    retry_after_ms_max: int = Field(default=5_000, ge=0, le=60_000)
    """A subgraph that asks by Retry-After for a longer pause is not asked again."""
    statuses: tuple[_Status, ...] = (502, 503, 504)
    """The HTTP statuses that may pass. Failed connections, and those reset before an answer began, always are
    such failures."""
    timeouts: bool = False
    """Whether a subgraph that said nothing within `read_timeout_ms` is asked again."""
    budget_percent: float = Field(default=10.0, ge=0, le=100)
    """Retries to one subgraph may be this share of its requests, and `budget_burst` more: an outage must not
    be multiplied."""
    budget_burst: int = Field(default=10, ge=0, le=10_000)


class BreakerConfig(Section):
    """Asking a subgraph no more while most of its answers are failures.

    Failures are: no connection, a connection lost, silence, an answer that is not GraphQL, and the statuses
    500 to 599. Refused and malformed operations are not: GraphQL errors under any other status are answers.
    """

    enabled: bool = True
    window_ms: int = Field(default=10_000, ge=100, le=600_000)
    """The time over which failures are counted, in ten steps."""
    requests_min: int = Field(default=20, ge=1, le=1_000_000)
    """With fewer requests in the window the breaker stays closed."""
    failures_percent: float = Field(default=50.0, gt=0, le=100)
    """From this share of failures on, the breaker opens."""
    open_ms: int = Field(default=5_000, ge=1, le=600_000)
    """How long it answers at once with SUBGRAPH_CIRCUIT_OPEN before it lets probes through."""
    probes: int = Field(default=3, ge=1, le=100)
    """So many requests in a row must succeed before it closes; one that fails opens it again."""
    slow_ms: int = Field(default=1_000, ge=0, le=600_000)
    """When the client's deadline ended a request, that is the subgraph's failure only if it had so long."""


class EjectionConfig(Section):
    """Leaving out one of several addresses of a subgraph while it fails."""

    enabled: bool = True
    failures: int = Field(default=5, ge=1, le=1_000)
    """Failures in a row, of any request, after which an address is left out; one failed connection counts as
    so many."""
    base_ms: int = Field(default=5_000, ge=1, le=600_000)
    """For how long, the first time; doubled each time it fails its probe or is left out again."""
    max_ms: int = Field(default=300_000, ge=1, le=3_600_000)
    percent_max: float = Field(default=50.0, ge=0, le=100)
    """At most this share of the addresses is left out, but one always may be where there are several."""


class SubgraphDeduplicationConfig(Section):
    """Sharing one exchange between equal queries to a subgraph that are under way together.

    Equal are those with the same body, of the same viewer, with the same propagated headers.
    """

    enabled: bool = True
    waiters_max: int = Field(default=10_000, ge=0, le=1_000_000)
    """How many requests may share in one exchange; the next one is sent by itself."""
    ignored_headers: tuple[str, ...] = ("traceparent", "tracestate", "x-request-id")
    """Propagated headers that tell requests apart, but not what is answered to them."""
