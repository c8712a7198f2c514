"""What an HTTP request asks for that may be answered with a stream, read before anything runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum

from router.pipeline.request import GraphQLRequest
from router.response.codes import ErrorCode
from router.server.asgi import HttpRequest, Message, Receive, Scope
from router.server.body import read_body
from router.server.csrf import check_csrf
from router.server.negotiation import check_content_type, takes_only_streams
from router.server.parameters import parse_body, parse_query_string
from router.server.refusal import RefusedError
from router.server.subscriptions.edge import SubscriptionEdge

TOKEN_HEADER = "x-graphql-event-stream-token"  # noqa: S105 - the name of a header


class StreamKind(Enum):
    """How a stream is written."""

    EVENTS = "text/event-stream"
    MULTIPART = "multipart/mixed"


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """One operation whose client takes a stream; `body` is what was read, for whoever answers otherwise."""

    http: HttpRequest
    operation: GraphQLRequest
    kind: StreamKind
    body: bytes
    must_stream: bool

    @property
    def resume_from(self) -> str | None:
        """The position a browser's EventSource tells by itself when it comes back."""
        return self.http.headers.get("last-event-id") or None


def may_stream(scope: Scope) -> bool:
    """Whether a request to the GraphQL path may be about a stream; asked of every request, so it is short."""
    for name, value in scope["headers"]:
        if name == b"accept":
            if b"event-stream" in value or b"subscriptionSpec" in value or b"subscriptionspec" in value:
                return True
        elif name == b"x-graphql-event-stream-token":
            return True
    return scope["method"] in {"PUT", "DELETE"}


async def read_stream_request(
    http: HttpRequest, receive: Receive, edge: SubscriptionEdge
) -> StreamRequest | bytes:
    """Returns the request, or the body of a batch, which is never streamed; raises RefusedError."""
    accept = http.headers.get("accept", "").lower()
    kind = StreamKind.MULTIPART if "subscriptionspec" in accept else StreamKind.EVENTS
    body = b""
    check_csrf(http.method, http.headers, edge.server.csrf, edge.server.cors)
    if http.method == "GET":
        operation = parse_query_string(http.query_string, edge.limits)
    else:
        body = await read_stream_body(http, receive, edge)
        parsed = parse_body(body, edge.limits, edge.server.batching)
        if isinstance(parsed, list):
            return body
        operation = parsed
    return StreamRequest(http, operation, kind, body, takes_only_streams(accept))


async def read_stream_body(http: HttpRequest, receive: Receive, edge: SubscriptionEdge) -> bytes:
    """Returns the body of a POST within its limits; raises RefusedError."""
    check_content_type(http.headers.get("content-type"))
    timeout_ms = edge.server.body_timeout_ms
    try:
        async with asyncio.timeout(timeout_ms / 1000):
            return await read_body(receive, http.headers, bytes_max=edge.limits.max_body_bytes)
    except TimeoutError as error:
        message = f"The body did not arrive within {timeout_ms} ms"
        raise RefusedError(message, ErrorCode.REQUEST_TIMEOUT, status=408) from error


def replay(body: bytes, receive: Receive) -> Receive:
    """Returns a `receive` that gives the body that was read, then what the server has."""
    is_given = False

    async def receive_again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
