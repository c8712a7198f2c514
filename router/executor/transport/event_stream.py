"""Reads `text/event-stream` as it comes in (HTML standard, section 9.2.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from router.executor.transport.failures import ProtocolFault, ResponseTooLargeFault


@dataclass(frozen=True, slots=True)
class StreamedEvent:
    """One event: its name ("message" unless told) and its data."""

    name: str
    data: str


class EventStreamParser:
    """Takes bytes in any portions and gives back the events they complete."""

    def __init__(self, event_bytes_max: int) -> None:
        self._bytes_max = event_bytes_max
        self._rest = b""
        self._size = 0
        self._name = ""
        self._data: list[str] = []
        self._after_cr = False

    def feed(self, chunk: bytes) -> Iterator[StreamedEvent]:
        """Yields the events that end in `chunk`; raises ResponseTooLargeFault or ProtocolFault."""
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]  # the other half of a line's end
        self._after_cr = chunk[-1:] == b"\r" if chunk else self._after_cr
        lines = (self._rest + chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            event = self._take(line)
            if event is not None:
                yield event
        if self._size + len(self._rest) > self._bytes_max:
            raise ResponseTooLargeFault(f"an event of more than {self._bytes_max} bytes")

    def _take(self, line: bytes) -> StreamedEvent | None:
        if not line:
            event = StreamedEvent(self._name or "message", "\n".join(self._data)) if self._data else None
            if self._name and event is None:
                event = StreamedEvent(self._name, "")  # graphql-sse ends with a `complete` that may lack data
            self._name, self._data, self._size = "", [], 0
            return event
        self._size += len(line)
        if self._size > self._bytes_max:
            raise ResponseTooLargeFault(f"an event of more than {self._bytes_max} bytes")
        try:
            name, _, value = line.decode().partition(":")
        except UnicodeDecodeError as error:
            raise ProtocolFault("the event stream is not UTF-8") from error
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        return None
