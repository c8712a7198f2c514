"""The protocol every transport to a subgraph implements."""

from __future__ import annotations

from collections.abc import Coroutine, Hashable, Mapping
from typing import Any, Literal, Protocol

from msgspec import Struct, field

from router.authentication import Viewer
from router.cache.report import CacheReport
from router.plan import Fetch
from router.telemetry.record import OperationRecord


# Structs, because each request makes one of the first and each fetch one of the others: a dataclass is made
# by Python code, which takes ten times as long.
class RequestScope(Struct):
    """What all fetches of one client request have in common.

    `deadline_at` is the time of the event loop by which the client is answered. `viewer` tells apart those
    who may see different data, by an opaque key; None is everybody without credentials. `response_headers`
    collects headers for the client's HTTP response, with lower-case names. `record` is where the operation's
    telemetry is written down; None when nobody reads it. `cache` collects for how long and for whom the
    answer may be kept; None when nobody keeps it. `caller` is who asks, as verified; None when nobody has
    looked yet. `lines` are headers as they are sent on, by their names, made of `lines_of`.
    """

    request_id: str = ""
    deadline_at: float | None = None
    viewer: str | None = None
    response_headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    record: OperationRecord | None = None
    cache: CacheReport | None = None
    caller: Viewer | None = None
    lines_of: Mapping[str, str] | None = None
    lines: dict[tuple[str, ...], bytes] = field(default_factory=dict)


class SubgraphRequest(Struct):
    """One GraphQL operation for one subgraph. `headers` have lower-case names.

    `body` is the whole request as JSON where it is known already; then `variables` may be left out. With
    `wants_body` the response may come undecoded. `fetch` is the step of a plan that is asked for, if any;
    `entities` is how many entities it asks for.
    `traceparent` is the W3C trace context of this very fetch, instead of what `headers` may have.
    `since` stands for what the caller knows to have happened before: requests of different ones are never
    answered together.
    """

    query: str
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_mutation: bool = False
    body: bytes | None = None
    wants_body: bool = False
    fetch: Fetch | None = None
    scope: RequestScope = field(default_factory=RequestScope)
    entities: int = 0
    since: Hashable = None
    traceparent: str | None = None


class SubgraphResponse(Struct, eq=False):
    """A GraphQL response; `data` and `errors` are as the subgraph sent them (errors may be empty).

    `body` is set instead of these where a response is left undecoded, which only `wants_body` allows:
    `decode.decoded` reads it. `headers` are those of the HTTP response that caching and retrying need, with
    lower-case names. `size` is the length of a decoded body in bytes; `cache` tells what a cache did.
    """

    data: Mapping[str, Any] | None
    errors: tuple[Mapping[str, Any], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    http_status: int = 200
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    size: int = 0
    cache: Literal["hit", "partial", "miss"] | None = None

    def __eq__(self, other: object) -> bool:
        """Tells whether a subgraph said the same, however that came."""
        if not isinstance(other, SubgraphResponse):
            return NotImplemented
        return self._said() == other._said()

    __hash__ = None  # type: ignore[assignment] - it holds what can be changed

    def _said(self) -> tuple[object, ...]:
        return (self.data, self.errors, self.extensions, self.http_status, self.body)


class Receiver(Protocol):
    """Who is told the outcome of a request that was begun: one of the two is called, once, later."""

    def arrived(self, response: SubgraphResponse) -> None:
        """Takes the response."""
        ...

    def failed(self, error: Exception) -> None:
        """Takes what `execute` would have raised."""
        ...


class Begun(Protocol):
    """A request that is under way."""

    def cancel(self) -> None:
        """Gives it up; its receiver hears nothing any more."""
        ...


class SubgraphClient(Protocol):
    """Sends operations to one subgraph.

    `execute` raises `router.errors.SubgraphError` when no GraphQL response could be read; GraphQL errors
    are returned, never raised. `takes_body` tells that a request should come with its `body` rather than
    with `variables`.
    """

    def begin(self, request: SubgraphRequest, receiver: Receiver) -> Begun | None:
        """Sends an operation at once where nothing has to be waited for first; else does nothing: None."""
        ...

    @property
    def takes_body(self) -> bool:
        """Whether requests should come encoded."""
        ...

    def execute(self, request: SubgraphRequest) -> Coroutine[Any, Any, SubgraphResponse]:
        """Runs one operation."""
        ...

    async def close(self) -> None:
        """Releases connections; no call follows."""
        ...


class AwaitedOnly:
    """The part of a SubgraphClient that never sends at once."""

    def begin(self, request: SubgraphRequest, receiver: Receiver) -> None:
        """Does nothing: `execute` is to be awaited."""
