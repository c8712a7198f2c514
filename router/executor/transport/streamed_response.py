"""One HTTP/1.1 request whose response body is read as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httptools

from router.executor.transport.failures import ConnectFault, ConnectionLostFault, ProtocolFault, SilenceFault
from router.executor.transport.stream_address import StreamAddress

_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """How long connecting may take, and how long the peer may be silent."""

    connect_s: float
    silence_s: float


class StreamedResponse:
    """The response under way: its status and media type, then the pieces of its body."""

    def __init__(self, reader: asyncio.StreamReader, silence_s: float) -> None:
        self._reader = reader
        self._silence_s = silence_s
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._has_head = self._is_complete = self._is_delimited = False
        self.content_type = ""

    @property
    def status(self) -> int:
        """The status of the response; known once `read_head` is done."""
        return self._parser.get_status_code()

    async def read_head(self) -> None:
        """Waits for the status and the headers; raises TransportFault."""
        while not self._has_head:
            await self._read()

    async def body(self) -> AsyncGenerator[bytes, None]:
        """Yields the body in the pieces it comes in; raises TransportFault when it breaks off."""
        while True:
            pieces, self._pieces = self._pieces, []
            for piece in pieces:
                yield piece
            if self._is_complete:
                return
            await self._read()

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(self._silence_s):
                chunk = await self._reader.read(_CHUNK_BYTES)
        except TimeoutError as error:
            raise SilenceFault(f"nothing came for {self._silence_s} s") from error
        except OSError as error:
            raise ConnectionLostFault(f"connection lost: {error}") from error
        if not chunk:
            if self._has_head and not self._is_delimited:
                self._is_complete = True
                return
            raise ConnectionLostFault("the connection ended before the response did")
        try:
            self._parser.feed_data(chunk)
        except httptools.HttpParserError as error:
            raise ProtocolFault(f"not HTTP/1.1: {error}") from error

    # --- httptools callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        """Notes the headers that decide how the body is read."""
        lowered = name.lower()
        if lowered == b"content-type":
            self.content_type = value.decode("latin-1").partition(";")[0].strip().lower()
        elif lowered in {b"content-length", b"transfer-encoding"}:
            self._is_delimited = True

    def on_headers_complete(self) -> None:
        """Marks that the head is there."""
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        """Keeps a piece of the body."""
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Marks that the whole response is there."""
        self._is_complete = True


@asynccontextmanager
async def send_for_stream(
    address: StreamAddress, payload: bytes, times: StreamTimes
) -> AsyncIterator[StreamedResponse]:
    """Sends `payload` on a connection of its own, closed with the block; raises TransportFault."""
    url = address.url
    try:
        async with asyncio.timeout(times.connect_s):
            if url.socket_path is not None:
                reader, writer = await asyncio.open_unix_connection(url.socket_path)
            else:
                reader, writer = await asyncio.open_connection(url.host, url.port, ssl=address.tls)
    except TimeoutError as error:
        raise ConnectFault(f"no connection within {times.connect_s} s") from error
    except OSError as error:
        raise ConnectFault(f"no connection: {error}") from error
    try:
        writer.write(payload)
        response = StreamedResponse(reader, times.silence_s)
        await response.read_head()
        yield response
    finally:
        writer.transport.abort()
