"""One HTTP/1.1 connection: one exchange at a time, on an asyncio protocol and the httptools parser."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass

import httptools

from router.executor.transport.failures import (
    ConnectionLostFault,
    ProtocolFault,
    ResponseTooLargeFault,
    SilenceFault,
    TransportFault,
)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back: the status and the whole, decompressed body."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """A keep-alive connection; `exchange` is called again only after the one before has ended."""

    def __init__(self, *, response_bytes_max: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._bytes_max = response_bytes_max
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[HttpResponse] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self.idle_since = 0.0
        self.is_reusable = True
        self._begin_response()

    def _begin_response(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._chunks: list[bytes] = []
        self._size = 0
        self._has_bytes = False
        self._has_head = False
        self._is_gzip = False
        self._is_delimited = False

    async def exchange(self, payload: bytes, read_timeout_s: float) -> HttpResponse:
        """Sends one request and returns its response; raises TransportFault.

        Any other end than a response, cancellation included, closes the connection.
        """
        assert self._waiter is None, "one exchange at a time"
        if self._transport is None or self._transport.is_closing():
            raise ConnectionLostFault("the connection was closed while idle", is_unsent=True)
        self._waiter = self._loop.create_future()
        self._heard_at = self._loop.time()
        self._watch = self._loop.call_later(read_timeout_s, self._check_silence, read_timeout_s)
        self._transport.write(payload)
        is_done = False
        try:
            response = await self._waiter
            is_done = True
            return response
        finally:
            self._waiter = None
            self._watch.cancel()
            if is_done and self.is_reusable:
                self._begin_response()
                self.idle_since = self._loop.time()
            else:
                self.close()

    def close(self) -> None:
        """Closes the socket at once; an exchange under way fails."""
        self.is_reusable = False
        if self._transport is not None and not self._transport.is_closing():
            self._transport.abort()

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport), "streams only"
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Feeds the parser; its callbacks below see the message."""
        if self._waiter is None:
            # Bytes nobody asked for: whatever they are, the next response could not be told apart.
            self.close()
            return
        self._has_bytes = True
        self._heard_at = self._loop.time()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ProtocolFault(f"not HTTP/1.1: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the exchange: well when the body is delimited by the end of the connection, else badly."""
        self.is_reusable = False
        if self._has_head and not self._is_delimited:
            self._finish()
        self._fail(ConnectionLostFault(f"connection lost: {exc}", is_untouched=not self._has_bytes))

    # --- httptools callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        """Notes the headers that decide how the body is read."""
        lowered = name.lower()
        if lowered == b"content-encoding":
            self._is_gzip = value.strip().lower() in {b"gzip", b"x-gzip"}
        elif lowered in {b"content-length", b"transfer-encoding"}:
            self._is_delimited = True

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
        if 100 <= self._parser.get_status_code() < 200:
            self._has_head = self._is_delimited = False
            return
        if not self._parser.should_keep_alive():
            self.is_reusable = False
        self._finish()

    # --- the end of an exchange

    def _finish(self) -> None:
        if self._waiter is None or self._waiter.done():
            # A second response in the same bytes: the connection can no longer be trusted.
            self.is_reusable = False
            return
        status = self._parser.get_status_code()
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        try:
            if self._is_gzip and body:
                body = decompress(body, self._bytes_max)
        except TransportFault as fault:
            self._fail(fault)
            return
        self._waiter.set_result(HttpResponse(status, body))

    def _fail(self, fault: TransportFault) -> None:
        self.is_reusable = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(fault)

    def _check_silence(self, read_timeout_s: float) -> None:
        # Re-armed only when it fires, so that a timer is set once per exchange and not once per read.
        silent_s = self._loop.time() - self._heard_at
        if silent_s >= read_timeout_s:
            self._fail(SilenceFault(f"nothing came for {read_timeout_s} s"))
            return
        self._watch = self._loop.call_later(read_timeout_s - silent_s, self._check_silence, read_timeout_s)


def decompress(body: bytes, bytes_max: int) -> bytes:
    """Returns the content of a gzip body of at most `bytes_max`; raises TransportFault."""
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = decoder.decompress(body, bytes_max)
    except zlib.error as error:
        raise ProtocolFault(f"bad gzip: {error}") from error
    if decoder.unconsumed_tail:
        raise ResponseTooLargeFault(f"more than {bytes_max} bytes")
    if not decoder.eof:
        raise ProtocolFault("the gzip body is cut off")
    return content
