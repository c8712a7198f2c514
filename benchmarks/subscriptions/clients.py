"""Subscribers as bare sockets: as little work as possible, so that the router is what is measured."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

import orjson

from benchmarks.subscriptions.schema import QUERY

_SENT_AT = re.compile(rb'"sentAt":([0-9.]+)')
_TOTAL = re.compile(rb'"total":\d')
_POSITION = re.compile(rb'(?:"position":"|^id: )([0-9~-]+)', re.MULTILINE)
_ID = re.compile(rb'"order":\{"id":"(\d+)"')
_KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


class Subscriber(asyncio.Protocol):
    """One connection; `latencies` and `numbers` grow with every event, `on_event` is called after each."""

    def __init__(self, resume_from: str | None = None) -> None:
        self.latencies: list[float] = []
        self.numbers: list[int] = []
        self.position = resume_from
        self.on_event: Callable[[], None] | None = None
        self.lost = asyncio.get_running_loop().create_future()
        self.ready = asyncio.get_running_loop().create_future()
        self._resume_from = resume_from
        self._rest = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends what opens the subscription."""
        assert isinstance(transport, asyncio.Transport), "streams only"
        self.transport = transport
        transport.write(self.opening())

    def opening(self) -> bytes:
        """Returns the first bytes."""
        raise NotImplementedError

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells who waits."""
        if not self.lost.done():
            self.lost.set_result(exc)
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("refused"))

    def note(self, text: bytes) -> None:
        """Notes one event."""
        found = _SENT_AT.search(text) if _TOTAL.search(text) else None  # only whole answers count
        position = _POSITION.search(text)
        if position is not None:
            self.position = position.group(1).decode()
        if found is None:
            return
        self.latencies.append(time.monotonic() - float(found.group(1)))
        number = _ID.search(text)
        if number is not None:
            self.numbers.append(int(number.group(1)))
        if self.on_event is not None:
            self.on_event()

    def request(self) -> bytes:
        """Returns the operation as JSON."""
        body: dict[str, object] = {"query": QUERY}
        if self._resume_from is not None:
            body["extensions"] = {"resumeFrom": self._resume_from}
        return orjson.dumps(body)


class StreamSubscriber(Subscriber):
    """Over server-sent events."""

    def opening(self) -> bytes:
        """Returns a POST."""
        body = self.request()
        return (
            b"POST /graphql HTTP/1.1\r\nhost: router\r\naccept: text/event-stream\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        )

    def data_received(self, data: bytes) -> None:
        """Splits the stream into events."""
        if not self.ready.done():
            self.ready.set_result(None)
        *events, self._rest = (self._rest + data).split(b"\n\n")
        for event in events:
            self.note(event)


class SocketSubscriber(Subscriber):
    """Over graphql-transport-ws; frames of the client are masked with zeros."""

    def opening(self) -> bytes:
        """Returns the handshake."""
        return (
            b"GET /graphql HTTP/1.1\r\nhost: router\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            b"sec-websocket-key: %b\r\nsec-websocket-version: 13\r\n"
            b"sec-websocket-protocol: graphql-transport-ws\r\n\r\n" % _KEY
        )

    def data_received(self, data: bytes) -> None:
        """Splits the stream into frames."""
        self._rest += data
        if not self.ready.done() and self._rest.startswith(b"HTTP/1.1 101"):
            _, found, rest = self._rest.partition(b"\r\n\r\n")
            if found:
                self._rest = rest
                self.ready.set_result(None)
                self._send(b'{"type":"connection_init"}')
        while self.ready.done() and (frame := self._frame()) is not None:
            self._take(*frame)

    def _frame(self) -> tuple[int, bytes] | None:
        rest = self._rest
        if len(rest) < 2:
            return None
        length, start = rest[1], 2
        if length == 126:
            length, start = int.from_bytes(rest[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(rest[2:10]), 10
        if len(rest) < start + length:
            return None
        self._rest = rest[start + length :]
        return rest[0] & 15, rest[start : start + length]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == 9:
            self._send(payload, opcode=10)
        elif b'"connection_ack"' in payload:
            self._send(b'{"id":"1","type":"subscribe","payload":%b}' % self.request())
        else:
            self.note(payload)

    def _send(self, payload: bytes, opcode: int = 1) -> None:
        assert self.transport is not None, "it is connected"
        size = len(payload)
        length = bytes([128 | size]) if size < 126 else bytes([128 | 126]) + size.to_bytes(2)
        self.transport.write(bytes([128 | opcode]) + length + bytes(4) + payload)


KINDS: dict[str, type[Subscriber]] = {"sse": StreamSubscriber, "websocket": SocketSubscriber}


async def open_subscriber(port: int, kind: str, resume_from: str | None = None) -> Subscriber:
    """Connects one subscriber and waits until the server has answered."""
    loop = asyncio.get_running_loop()
    _, subscriber = await loop.create_connection(lambda: KINDS[kind](resume_from), "127.0.0.1", port)
    await subscriber.ready
    return subscriber


async def open_many(port: int, kind: str, count: int, at_once: int = 100) -> list[Subscriber]:
    """Connects many, some at once."""
    room = asyncio.Semaphore(at_once)

    async def open_one() -> Subscriber:
        async with room:
            return await open_subscriber(port, kind)

    return list(await asyncio.gather(*(open_one() for _ in range(count))))
