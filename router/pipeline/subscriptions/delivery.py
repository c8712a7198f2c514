"""What a subscriber is given: responses, heartbeats and the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from router.realtime import EventId
from router.response.encode import encode_json
from router.response.result import GraphQLResult, ResponseError

Ids = tuple[EventId, ...]
"""How far each topic of a feed has been read."""


class EndReason(Enum):
    """Why a subscription ended."""

    COMPLETE = "complete"
    """The upstream is done."""
    FAILED = "failed"
    """It cannot go on; the error says why. Subscribing anew may help."""
    UNAUTHENTICATED = "unauthenticated"
    """The credentials have expired or were revoked."""
    DRAINING = "draining"
    """The router stops; another will serve."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a subscription; nothing follows."""

    reason: EndReason
    error: ResponseError | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Nothing happened; a client that knows `position` can resume from here."""

    position: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event's response, encoded once for all who receive it.

    `head` is the response without its extensions and closing brace; `extensions` what stands in them for
    all. `topic` is the index of the event's topic in the feed, `id` its place there.
    """

    head: bytes
    extensions: bytes = b""
    topic: int = 0
    id: EventId = (0, 0)
    size: int = 0

    def body(self, position: str | None, dropped: int = 0) -> bytes:
        """Returns the response as one subscriber receives it."""
        inner = [self.extensions] if self.extensions else []
        if position is not None:
            inner.append(b'"position":"' + position.encode() + b'"')
        if dropped:
            inner.append(b'"dropped":%d' % dropped)
        if not inner:
            return self.head + b"}"
        return self.head + b',"extensions":{' + b",".join(inner) + b"}}"


def encode_delivery(
    result: GraphQLResult,
    topic: int = 0,
    event_id: EventId = (0, 0),
    extensions: Mapping[str, object] | None = None,
) -> Delivery:
    """Returns the delivery of one event's result."""
    body: dict[str, object] = {}
    if result.errors:
        body["errors"] = [error.to_map() for error in result.errors]
    if result.encoded is not None:
        head = (encode_json(body)[:-1] + b"," if body else b"{") + b'"data":' + result.encoded
    else:
        if result.executed:
            body["data"] = result.data
        head = encode_json(body)[:-1]
    merged = {**result.extensions, **(extensions or {})}
    return Delivery(head, encode_json(merged)[1:-1] if merged else b"", topic, event_id, len(head))
