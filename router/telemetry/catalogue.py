"""Every metric of the router: its name, its kind, its labels, and what it says.

Labels have bounded values only: names from a bounded table, subgraphs of the supergraph, codes of the
router's own table, states from an enumeration. Counters end in `_total`, durations are in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["counter", "gauge", "histogram"]
PREFIX = "zellige_router_"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; counters are given without the `_total` that their samples carry."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """The names a query may use."""
        if self.kind == "counter":
            return (f"{self.name}_total",)
        if self.kind == "histogram":
            return (f"{self.name}_bucket", f"{self.name}_count", f"{self.name}_sum")
        return (self.name,)


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a metric at one moment, from a component that keeps its own count; labels in order."""

    metric: Metric
    value: float
    labels: tuple[str, ...] = ()


class Readable(Protocol):
    """A component that tells its state when metrics are asked for, and pays nothing otherwise."""

    def readings(self) -> Iterable[Reading]:
        """Returns what it counts now."""
        ...


def _metric(name: str, kind: Kind, help_text: str, *labels: str) -> Metric:
    return Metric(PREFIX + name, kind, help_text, labels)


# --- requests and operations
HTTP_RESPONSES = _metric("http_responses", "counter", "HTTP responses, by status.", "status")
REQUESTS_IN_FLIGHT = _metric("requests_in_flight", "gauge", "HTTP requests being answered now.")
OPERATION_DURATION = _metric(
    "operation_duration_seconds",
    "histogram",
    "Operations from their first byte to the last byte handed to the server.",
    "operation",
    "kind",
)
OPERATION_ERRORS = _metric(
    "operation_errors", "counter", "Operations answered with errors, once for each code.", "operation", "code"
)
OPERATION_FETCHES = _metric(
    "operation_fetches", "counter", "Requests to subgraphs that operations made.", "operation"
)
PREPARATION_DURATION = _metric(
    "preparation_duration_seconds",
    "histogram",
    "Steps of preparing an operation that was in no cache.",
    "step",
)

# --- admission
ADMISSION_LIMIT = _metric("admission_limit", "gauge", "Operations that may run at once.")
ADMISSION_RUNNING = _metric("admission_running", "gauge", "Operations that run.")
ADMISSION_WAITING = _metric("admission_waiting", "gauge", "Operations that wait for a turn.")
ADMISSION_SHED = _metric("admission_shed", "counter", "Operations answered 503, for want of a turn.")
SHARED_WAITING = _metric(
    "shared_waiting", "gauge", "Operations waiting for an execution that others may share."
)
SHARED = _metric("shared", "counter", "Operations answered by an execution begun for another one.")

# --- what is let in
RATE_LIMITED = _metric("rate_limited", "counter", "Operations a rule of the rate limits refused.", "rule")
WINDOWS_STORE_UP = _metric("windows_store_up", "gauge", "Whether the shared counters answer: 1 or 0.")
TRUSTED_DOCUMENTS = _metric("trusted_documents", "gauge", "Documents that were published.")
DOCUMENTS_UNTRUSTED = _metric(
    "documents_untrusted", "counter", "Requests with a document that was not published."
)
COST_ESTIMATED = _metric("cost_estimated", "counter", "The estimated cost of operations, added up.")
COST_ACTUAL = _metric("cost_actual", "counter", "The cost of what operations answered, added up.")
COST_REFUSED = _metric(
    "cost_refused", "counter", "Operations that were too expensive, or would be if it were enforced.", "limit"
)
# --- who asks
AUTHENTICATIONS = _metric(
    "authentications", "counter", "Credentials looked at: none, known, verified anew, refused.", "outcome"
)
POLICY_DECISIONS = _metric("policy_decisions", "counter", "Policies decided anew, by outcome.", "outcome")

# --- subgraphs
SUBGRAPH_DURATION = _metric(
    "subgraph_request_duration_seconds",
    "histogram",
    "Requests to subgraphs, those answered by a cache left out.",
    "subgraph",
)
SUBGRAPH_FAILURES = _metric(
    "subgraph_failures", "counter", "Requests to subgraphs that got no GraphQL response.", "subgraph", "code"
)
SUBGRAPH_ERRORS = _metric(
    "subgraph_errors", "counter", "Entries of `errors` sent to clients, by subgraph.", "subgraph", "code"
)
SUBGRAPH_ENTITIES = _metric(
    "subgraph_entities", "counter", "Entities that subgraphs were asked for.", "subgraph"
)
SUBGRAPH_BYTES = _metric("subgraph_response_bytes", "counter", "Bytes of subgraphs' answers.", "subgraph")
SUBGRAPH_CACHED = _metric(
    "subgraph_cached", "counter", "Requests to subgraphs by what the entity cache did.", "subgraph", "result"
)

# --- connections and faults
POOL_CONNECTIONS = _metric(
    "pool_connections", "gauge", "Connections to subgraphs: idle or in use.", "subgraph", "state"
)
POOL_WAITING = _metric("pool_waiting", "gauge", "Requests waiting for a connection.", "subgraph")
ADDRESSES_EJECTED = _metric(
    "addresses_ejected", "gauge", "Addresses of a subgraph that are left out now.", "subgraph"
)
ADDRESS_EJECTIONS = _metric(
    "address_ejections", "counter", "How often an address was left out because it failed.", "subgraph"
)
BREAKER_STATE = _metric(
    "breaker_state", "gauge", "1 for the state a circuit breaker is in.", "subgraph", "state"
)
BREAKER_OPENED = _metric("breaker_opened", "counter", "How often a circuit breaker opened.", "subgraph")
BREAKER_REFUSALS = _metric(
    "breaker_refusals", "counter", "Requests answered at once by an open circuit breaker.", "subgraph"
)
RETRIES = _metric(
    "subgraph_retries", "counter", "Queries sent once more, by what failed.", "subgraph", "fault"
)
RETRIES_DENIED = _metric(
    "subgraph_retries_denied", "counter", "Retries not made because the budget was spent.", "subgraph"
)
SUBGRAPH_SHARED = _metric(
    "subgraph_shared", "counter", "Requests that took part in the exchange of an equal one.", "subgraph"
)

# --- caches of prepared operations
PLAN_CACHE_REQUESTS = _metric(
    "plan_cache_requests", "counter", "Looked up among prepared operations.", "cache", "result"
)
PLAN_CACHE_ENTRIES = _metric("plan_cache_entries", "gauge", "Held of prepared operations.", "cache")

# --- cached answers
CACHE_LOOKUPS = _metric(
    "cache_items",
    "counter",
    "Entities, root answers and whole responses, by what the cache did with them.",
    "subgraph",
    "type",
    "result",
)
CACHE_ENTRIES = _metric("cache_entries", "gauge", "Entries kept in this process.")
CACHE_BYTES = _metric("cache_bytes", "gauge", "Bytes of entries kept in this process, estimated.")
CACHE_STORE_UP = _metric("cache_store_up", "gauge", "Whether the shared store answers: 1 or 0.")
CACHE_EVENTS_UP = _metric(
    "cache_events_up", "gauge", "Whether invalidations can be read from the event bus: 1 or 0."
)
CACHE_REFRESHES = _metric("cache_refreshes_in_flight", "gauge", "Background fetches of stale entries.")
CACHE_INVALIDATIONS = _metric("cache_invalidations", "counter", "Invalidations, wherever they came from.")
CACHE_UNDELIVERED = _metric(
    "cache_invalidations_late", "counter", "Invalidations the shared store could not be told at once."
)

# --- subscriptions
SUBSCRIPTIONS = _metric("subscriptions", "gauge", "Running subscriptions of clients.")
SUBSCRIPTION_GROUPS = _metric(
    "subscription_groups", "gauge", "Different subscriptions among them: each has one upstream."
)
SUBSCRIPTION_EVENTS = _metric("subscription_events", "counter", "Events answered, each once for its group.")
SUBSCRIPTION_DELIVERIES = _metric("subscription_deliveries", "counter", "Responses queued for clients.")
SUBSCRIPTIONS_BEHIND = _metric(
    "subscriptions_behind", "gauge", "Clients that read from the bus what they missed or were too slow for."
)
FEED_EVENTS = _metric("feed_events", "counter", "Events read live from the event bus.", "topic")
FEED_LAG = _metric(
    "feed_lag_seconds", "gauge", "How old the newest event of a topic was when it was read.", "topic"
)
FEED_FAILURES = _metric("feed_read_failures", "counter", "Readings of the event bus that failed.")
FEED_LOSSES = _metric(
    "feed_losses", "counter", "How often events of a topic were gone before they were read.", "topic"
)
FEED_UP = _metric("feed_up", "gauge", "Whether the event bus can be read live: 1 or 0.")

# --- the supergraph
RELOADS = _metric(
    "supergraph_reloads", "counter", "Looks at a new supergraph: taken over, refused, unreadable.", "result"
)

# --- the process
LOOP_LAG = _metric(
    "event_loop_lag_seconds", "histogram", "How much later than asked the event loop ran a timer."
)
SPANS_DROPPED = _metric("spans_dropped", "counter", "Spans dropped because the collector was too slow.")


def all_metrics() -> tuple[Metric, ...]:
    """Returns every metric of this page."""
    return tuple(value for value in globals().values() if isinstance(value, Metric))
