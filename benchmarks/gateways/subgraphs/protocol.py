"""HTTP/1.1 with keep-alive on an asyncio protocol, as little of it as the measured gateways need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httptools

Respond = Callable[[bytes, bytes], bytes]
_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class MemoryProtocol(asyncio.Protocol):
    """One connection; `respond` gives the whole response to a path and a body."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._path = b""
        self._body: list[bytes] = []
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport), "streams only"
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Feeds the parser; its callbacks below see the message."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.write(_BAD_REQUEST)
            self._transport.close()

    def on_url(self, url: bytes) -> None:
        """Notes the path; a long one comes in pieces only when it is split over two reads."""
        self._path += url

    def on_body(self, body: bytes) -> None:
        """Collects the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Answers, in the order requests came."""
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        path, self._path = self._path, b""
        self._body.clear()
        self.respond(path, body)

    def respond(self, path: bytes, body: bytes) -> None:
        """Writes the response to one request."""
        self._transport.write(self._respond(path, body))
