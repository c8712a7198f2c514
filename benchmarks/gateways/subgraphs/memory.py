"""The responses of every subgraph, each made once."""

from __future__ import annotations

from collections.abc import Callable

ENTRY_BYTES = 200  # of Python's own, for each entry, roughly
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"

Answer = Callable[[str, str, bytes], bytes | None]


class ResponseMemory:
    """Whole HTTP responses by path and body, within a bound of bytes; the oldest is forgotten first.

    `answer` makes the body of a new one from world, subgraph and request body; None is a 404.
    """

    def __init__(self, answer: Answer, *, bytes_max: int = 2_000_000_000) -> None:
        self._answer = answer
        self._bytes_max = bytes_max
        self._bytes = 0
        self._responses: dict[tuple[bytes, bytes], bytes] = {}
        self.hits = 0
        self.misses = 0

    def respond(self, path: bytes, body: bytes) -> bytes:
        """Returns the HTTP response to one request."""
        response = self._responses.get((path, body))
        if response is not None:
            self.hits += 1
            return response
        self.misses += 1
        return self._make(path, body)

    def _make(self, path: bytes, body: bytes) -> bytes:
        world, _, subgraph = path.decode("ascii").strip("/").partition("/")
        answered = self._answer(world, subgraph, body)
        if answered is None:
            return _NOT_FOUND
        response = _HEAD % len(answered) + answered
        self._responses[path, body] = response
        self._bytes += len(response) + len(body) + ENTRY_BYTES
        while self._bytes > self._bytes_max:
            (old_path, old_body), old = next(iter(self._responses.items()))
            del self._responses[old_path, old_body]
            self._bytes -= len(old) + len(old_body) + ENTRY_BYTES
        return response
