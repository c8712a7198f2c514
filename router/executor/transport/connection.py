"""One HTTP/1.1 connection: one exchange at a time, on an asyncio protocol and the httptools parser.

All that an exchange costs is paid here, so some of it looks unlike plain asyncio: bytes are read into a
buffer that all connections of an event loop share (a new one for each read, as asyncio.Protocol has it, cost
more than the rest of the exchange: 12 of 18 us), the parser lives as long as its connection, and the timer of
an exchange is left to run for the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from types import MappingProxyType
from typing import Protocol

import httptools
from msgspec import Struct, field

from router.executor.transport.content_coding import decompress
from router.executor.transport.failures import (
    ConnectionLostFault,
    DeadlineFault,
    ProtocolFault,
    ResponseTooLargeFault,
    SilenceFault,
    TransportFault,
)

READ_BUFFER_BYTES = 262_144
"""As much as asyncio itself reads at once."""
_FRAMING_BYTES_MAX = 65_536
"""For what is no body: status line, headers, trailers, and the lengths of up to a body's size in chunks."""

# What caching and retrying read of a response; a header that nobody reads costs no string.
_KEPT_HEADERS: Mapping[bytes, str] = {
    name.encode(): name
    for name in (
        "age",
        "cache-control",
        "cache-tag",
        "date",
        "etag",
        "expires",
        "last-modified",
        "retry-after",
        "surrogate-control",
        "surrogate-key",
        "vary",
    )
}
_LENGTH, _CODING, _FRAMING = "content-length", "content-encoding", "transfer-encoding"
_READ_HEADERS: Mapping[bytes, str] = {
    **_KEPT_HEADERS,
    **{name.encode(): name for name in (_LENGTH, _CODING, _FRAMING)},
}
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class HttpResponse(Struct):
    """What came back: the status, the whole, decompressed body and the headers that others read."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Waiter(Protocol):
    """Who waits for a response: a future, or whatever takes its outcome as one does."""

    def done(self) -> bool:
        """Whether it waits no more."""
        ...

    def set_result(self, result: HttpResponse, /) -> None:
        """Takes the response."""
        ...

    def set_exception(self, exception: TransportFault, /) -> None:
        """Takes the fault that ended the exchange."""
        ...


class Connection(asyncio.BufferedProtocol):
    """A keep-alive connection; `send` is called again only after the exchange before has ended."""

    __slots__ = (
        "_alarm",
        "_alarm_at",
        "_answer",
        "_buffer",
        "_bytes_max",
        "_chunks",
        "_coding",
        "_deadline_at",
        "_has_head",
        "_headers",
        "_is_delimited",
        "_loop",
        "_parser",
        "_read_timeout_s",
        "_received",
        "_received_max",
        "_size",
        "_transport",
        "_waiter",
        "heard_at",
        "idle_since",
        "is_reusable",
    )

    def __init__(self, buffer: memoryview, *, read_timeout_s: float, response_bytes_max: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._buffer = buffer
        self._read_timeout_s = read_timeout_s
        self._bytes_max = response_bytes_max
        self._received_max = 2 * response_bytes_max + _FRAMING_BYTES_MAX
        self._transport: asyncio.Transport | None = None
        self._waiter: Waiter | None = None
        self._answer: HttpResponse | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = self._deadline_at = self.heard_at = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self.idle_since = 0.0
        self.is_reusable = True
        self._received = 0
        self._begin_response()

    def _begin_response(self) -> None:
        self._chunks: list[bytes] = []
        self._headers: dict[str, str] | None = None
        self._coding: str | None = None
        self._size = 0
        self._has_head = self._is_delimited = False

    def send(self, payload: bytes, now: float, deadline_at: float) -> asyncio.Future[HttpResponse]:
        """Sends one request and returns the future of its response, which fails with a TransportFault.

        Whoever awaits it calls `close` when it ends in any other way than with a response, by cancellation
        too. Raises ConnectionLostFault when the peer closed the connection while it was idle.
        """
        waiter: asyncio.Future[HttpResponse] = self._loop.create_future()
        self.send_for(waiter, payload, now, deadline_at)
        return waiter

    def send_for(self, waiter: Waiter, payload: bytes, now: float, deadline_at: float) -> None:
        """Sends one request whose outcome `waiter` is given, as `send` does."""
        assert self._waiter is None, "one exchange at a time"
        transport = self._transport
        if transport is None or transport.is_closing():
            raise ConnectionLostFault("the connection was closed while idle", is_unsent=True)
        self._waiter = waiter
        self._received = 0
        self.heard_at = now
        self._deadline_at = deadline_at
        silent_at = now + self._read_timeout_s
        due = silent_at if silent_at < deadline_at else deadline_at
        # An alarm of an exchange before that rings no later is as good: it looks again when it rings.
        if self._alarm is None or due < self._alarm_at:
            self._set_alarm(due)
        transport.write(payload)

    def close(self) -> None:
        """Closes the socket at once; an exchange under way fails."""
        self.is_reusable = False
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._transport is not None and not self._transport.is_closing():
            self._transport.abort()

    # --- asyncio.BufferedProtocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport), "streams only"
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """Returns the buffer of the event loop: it is read from before anybody else can ask for it."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Feeds the parser; its callbacks below see the message."""
        if self._waiter is None:
            # Bytes nobody asked for: whatever they are, the next response could not be told apart.
            self.close()
            return
        received = self._received = self._received + nbytes
        self.heard_at = monotonic()
        try:
            self._parser.feed_data(self._buffer[:nbytes])
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._break_off(ProtocolFault(f"not HTTP/1.1: {error}"))
        # The parser keeps headers and trailers as they come, however long they are.
        if received > self._received_max:
            self._break_off(ResponseTooLargeFault("more than a body within its limit can take"))
        answer = self._answer
        if answer is not None:
            self._deliver(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the exchange: well when the body is delimited by the end of the connection, else badly."""
        self.is_reusable = False
        if self._waiter is not None and self._has_head and not self._is_delimited:
            self._finish(self._parser.get_status_code())
            if self._answer is not None:
                self._deliver(self._answer)
        self._fail(ConnectionLostFault(f"connection lost: {exc}", is_untouched=not self._received))

    # --- httptools callbacks

    def on_message_begin(self) -> None:
        """Begins a response; what came before it on the connection was whole."""
        self._begin_response()
        if self._waiter is None or self._answer is not None:
            # A second response in the same bytes: the connection can no longer be trusted.
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Notes the headers that decide how the body is read, and keeps those that others read."""
        header = _READ_HEADERS.get(name.lower())
        if header is None:
            return
        if header == _LENGTH:
            self._is_delimited = True
            if int(value) > self._bytes_max:
                self._fail(ResponseTooLargeFault(f"{value!r} bytes, more than {self._bytes_max}"))
        elif header == _FRAMING:
            self._is_delimited = True
        elif header == _CODING:
            text = value.decode("latin-1").strip().lower()
            self._coding = f"{self._coding}, {text}" if self._coding else text
        else:
            self._keep(header, value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """Marks that only the body is missing."""
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        """Collects the body within its limit."""
        self._size += len(body)
        if self._size > self._bytes_max:
            self._fail(ResponseTooLargeFault(f"more than {self._bytes_max} bytes"))
            return
        self._chunks.append(body)

    def on_message_complete(self) -> None:
        """Ends the exchange, unless this was an interim (1xx) response."""
        parser = self._parser
        status = parser.get_status_code()
        if 100 <= status < 200:
            return
        if not parser.should_keep_alive():
            self.is_reusable = False
        self._finish(status)

    def _keep(self, name: str, value: str) -> None:
        if self._headers is None:
            self._headers = {}
        # Lines of one name are one list (RFC 9110, section 5.2).
        earlier = self._headers.get(name)
        self._headers[name] = value if earlier is None else f"{earlier}, {value}"

    # --- the end of an exchange

    def _finish(self, status: int) -> None:
        """Keeps the answer: it is delivered when the parser has returned, for what follows may send anew."""
        if self._waiter is None or self._answer is not None:
            return
        chunks = self._chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if self._coding is not None and body:
            try:
                body = decompress(self._coding, body, self._bytes_max)
            except TransportFault as fault:
                self._fail(fault)
                return
        self._answer = HttpResponse(status, body, self._headers or _NO_HEADERS)

    def _deliver(self, answer: HttpResponse) -> None:
        self._answer = None
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(answer)

    def _fail(self, fault: TransportFault) -> None:
        waiter, self._waiter = self._waiter, None
        self._answer = None
        # Closed at once, and not when whoever waits has its turn: more may be under way from the peer.
        self.close()
        if waiter is not None and not waiter.done():
            waiter.set_exception(fault)

    def _break_off(self, fault: TransportFault) -> None:
        """Closes the connection; what came before a whole answer costs the exchange too."""
        if self._answer is None:
            self._fail(fault)
        else:
            self.close()

    def _set_alarm(self, due: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = due
        self._alarm = self._loop.call_at(due, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        self._alarm = None
        if self._waiter is None:
            return
        now = monotonic()
        if now >= self._deadline_at:
            self._fail(DeadlineFault("the time of the call is over"))
        elif now >= self.heard_at + self._read_timeout_s:
            self._fail(SilenceFault(f"nothing came for {self._read_timeout_s} s"))
        else:
            self._set_alarm(min(self._deadline_at, self.heard_at + self._read_timeout_s))
