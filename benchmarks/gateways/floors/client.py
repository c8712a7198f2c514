"""The smallest HTTP client that works with the benchmark's subgraphs: keep-alive, content-length."""

from __future__ import annotations

import asyncio


class Upstream:
    """Connections to one subgraph, as many as are needed at a time."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
        self._idle: list[_Exchange] = []
        self._opening: set[asyncio.Task[None]] = set()

    def post(self, body: bytes, authorization: str) -> asyncio.Future[bytes]:
        """Sends one request; the future holds the response's body."""
        payload = f"{self._head}{authorization}content-length: {len(body)}\r\n\r\n".encode() + body
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bytes] = loop.create_future()
        if self._idle:
            self._idle.pop().begin(payload, waiter)
        else:
            task = loop.create_task(self._open(payload, waiter))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        return waiter

    async def _open(self, payload: bytes, waiter: asyncio.Future[bytes]) -> None:
        loop = asyncio.get_running_loop()
        _, exchange = await loop.create_connection(lambda: _Exchange(self._idle), "127.0.0.1", self._port)
        exchange.begin(payload, waiter)


class _Exchange(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, idle: list[_Exchange]) -> None:
        self._idle = idle
        self._chunks: list[bytes] = []
        self._missing = 0
        self._waiter: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "streams only"
        self._transport = transport

    def begin(self, payload: bytes, waiter: asyncio.Future[bytes]) -> None:
        self._waiter = waiter
        self._transport.write(payload)

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            # The subgraphs write the head in one piece, content-length last.
            end = data.index(b"\r\n\r\n")
            length = int(data[data.rindex(b": ", 0, end) + 2 : end])
            data = data[end + 4 :]
            self._missing = length
        self._chunks.append(data)
        self._missing -= len(data)
        if not self._missing:
            body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
            self._chunks.clear()
            waiter, self._waiter = self._waiter, None
            self._idle.append(self)
            assert waiter is not None, "a response answers a request"
            if not waiter.done():
                waiter.set_result(body)

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self._idle:
            self._idle.remove(self)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionError("the subgraph closed the connection"))
