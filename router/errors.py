"""What can go wrong in the router, and whose fault it is.

    RouterError
    ├── ClientError      caused by the request; its message and code are safe to send
    ├── SubgraphError    a subgraph could not be reached or did not answer GraphQL
    ├── InvalidSupergraphError   a document given as supergraph is not one
    ├── PlanningError    an operation has no plan, or none within the limits
    └── InternalError    ours or the infrastructure's; logged in full, masked for the client

Composition problems are not exceptions: they are `router.composition.diagnostics` values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any


class RouterError(Exception):
    """The root of every exception the router raises on purpose."""


class ClientError(RouterError):
    """The request is at fault; `code` is a key of `router.response.codes.ErrorCode`."""

    def __init__(
        self,
        message: str,
        code: str,
        *,
        locations: Sequence[Mapping[str, int]] = (),
        path: Sequence[str | int] | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.locations = tuple(locations)
        self.path = path
        self.extensions = dict(extensions or {})


class SubgraphFault(Enum):
    """How a fetch failed, for those who decide whether to ask again or to ask no more."""

    NO_CONNECTION = "no_connection"
    RESET = "reset"
    """The connection ended before a byte of the answer."""
    CUT_OFF = "cut_off"
    """The connection ended within the answer."""
    SILENCE = "silence"
    DEADLINE = "deadline"
    """The client's time was over; whether the subgraph was slow is not said."""
    STATUS = "status"
    """An HTTP status, kept beside, without a GraphQL response."""
    MALFORMED = "malformed"
    QUEUE_FULL = "queue_full"
    CIRCUIT_OPEN = "circuit_open"


class SubgraphError(RouterError):
    """A fetch failed before a GraphQL response could be read: network, timeout, status or malformed body.

    `message` is safe to send to the client: it names the subgraph and the kind of failure, never an address.
    `headers` are those of the HTTP response that retrying reads, if there was one.
    """

    def __init__(
        self,
        message: str,
        code: str,
        *,
        service: str,
        http_status: int | None = None,
        fault: SubgraphFault | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.service = service
        self.http_status = http_status
        self.fault = fault
        self.headers = headers or {}


class InvalidSupergraphError(RouterError):
    """The document is not a supergraph in the join spec (code INVALID_FEDERATION_SUPERGRAPH)."""

    code = "INVALID_FEDERATION_SUPERGRAPH"


class PlanningError(RouterError):
    """No plan: `code` is QUERY_PLANNING_FAILED or QUERY_PLAN_LIMIT_EXCEEDED; `message` is safe to send."""

    def __init__(self, message: str, code: str = "QUERY_PLANNING_FAILED") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class InternalError(RouterError):
    """A fault of the router itself; the client sees only "Internal server error" and a request id."""
