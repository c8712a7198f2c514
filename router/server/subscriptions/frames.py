"""How a stream writes what a subscriber gives: as server-sent events or as parts of multipart."""

from __future__ import annotations

import random
from typing import Protocol

from router.response.encode import encode_json
from router.response.result import ResponseError

_RETRY_MS_MIN, _RETRY_MS_MAX = 1_000, 10_000


class Frames(Protocol):
    """The pieces of one kind of stream."""

    content_type: bytes

    def begin(self, position: str | None) -> bytes:
        """Returns what a stream begins with."""
        ...

    def response(self, body: bytes, position: str | None) -> bytes:
        """Returns one response."""
        ...

    def heartbeat(self, position: str | None) -> bytes:
        """Returns a sign of life."""
        ...

    def fail(self, error: ResponseError) -> bytes:
        """Returns the end of a stream that cannot go on."""
        ...

    def complete(self) -> bytes:
        """Returns the end of a stream that is done."""
        ...

    def send_away(self) -> bytes:
        """Returns the end of a stream whose client should come back."""
        ...


class EventFrames:
    """The distinct connections mode of graphql-sse; ids are positions, so that EventSource resumes."""

    content_type = b"text/event-stream; charset=utf-8"

    def begin(self, position: str | None) -> bytes:
        """Returns a comment, so that the client hears at once, and the position."""
        return self.heartbeat(position)

    def response(self, body: bytes, position: str | None) -> bytes:
        """Returns a `next` event."""
        return b"event: next\n%bdata: %b\n\n" % (_id(position), body)

    def heartbeat(self, position: str | None) -> bytes:
        """Returns a comment; with the id, EventSource remembers it though no event is dispatched."""
        return b":\n%b\n" % _id(position)

    def fail(self, error: ResponseError) -> bytes:
        """Returns a `next` with the error alone, then `complete`."""
        return self.response(encode_json({"errors": [error.to_map()]}), None) + self.complete()

    def complete(self) -> bytes:
        """Returns `complete`; EventSource dispatches it only with a line of data."""
        return b"event: complete\ndata:\n\n"

    def send_away(self) -> bytes:
        """Returns how long to wait before coming back, another time for every client; without `complete`."""
        return b"retry: %d\n\n" % random.randint(_RETRY_MS_MIN, _RETRY_MS_MAX)  # noqa: S311 - spreads clients only


class MultipartFrames:
    """Subscriptions over multipart HTTP, as Apollo's clients take them (subscriptionSpec 1.0)."""

    content_type = b'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'

    def begin(self, position: str | None) -> bytes:
        """Returns the first delimiter and a heartbeat."""
        return b"\r\n--graphql" + self.heartbeat(position)

    def response(self, body: bytes, position: str | None) -> bytes:
        """Returns a part with the response; its extensions have the position."""
        del position
        return self._part(b'{"payload":%b}' % body)

    def heartbeat(self, position: str | None) -> bytes:
        """Returns an empty part."""
        del position
        return self._part(b"{}")

    def fail(self, error: ResponseError) -> bytes:
        """Returns a part that ends the subscription with an error."""
        return self._part(encode_json({"payload": None, "errors": [error.to_map()]})) + b"--\r\n"

    def complete(self) -> bytes:
        """Returns the closing delimiter's end."""
        return b"--\r\n"

    def send_away(self) -> bytes:
        """Returns an error that clients retry after: the protocol has no other word for it."""
        message = "The router restarts; subscribe anew"
        return self.fail(ResponseError(message, "OVERLOADED"))

    @staticmethod
    def _part(body: bytes) -> bytes:
        # The delimiter comes with the part before it: many clients read a part only once they have seen it.
        return b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n%b\r\n--graphql" % body


def _id(position: str | None) -> bytes:
    return b"id: %b\n" % position.encode() if position is not None else b""
