"""One subgraph that fails on request: `python -m benchmarks.gateways.subgraphs.faulty PORT CONTROL_PORT`.

A line with a fault's name on the control port changes how all requests are answered from then on; `ok` comes
back once that holds. It ends with its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Callable

from benchmarks.gateways.subgraphs.__main__ import answer
from benchmarks.gateways.subgraphs.memory import ResponseMemory
from benchmarks.gateways.subgraphs.protocol import MemoryProtocol

SLOW_SECONDS = 30.0
HUGE_BYTES = 1 << 30
CHUNK_BYTES = 1 << 16
HEALTHY = "healthy"
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
_NOT_JSON = b"\x00\xff{]garbage" * 20
_CHUNK = b"%x\r\n%b\r\n" % (CHUNK_BYTES, b"a" * CHUNK_BYTES)
_HUGE_START = b'{"data":{"_entities":[{"reviews":[{"body":"'


class FaultyProtocol(MemoryProtocol):
    """One connection of a subgraph that may fail."""

    def __init__(self, subgraph: FaultySubgraph) -> None:
        super().__init__(subgraph.memory.respond)
        self._subgraph = subgraph
        self._huge_left = 0
        self._is_paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        super().connection_made(transport)
        self._subgraph.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets itself, so that nothing is sent on."""
        self._huge_left = 0
        self._subgraph.connections.discard(self)

    def respond(self, path: bytes, body: bytes) -> None:
        """Answers as the subgraph's state wants it."""
        FAULTS[self._subgraph.fault](self, path, body)

    def respond_well(self, path: bytes, body: bytes) -> None:
        """Answers what was asked."""
        super().respond(path, body)

    def respond_late(self, path: bytes, body: bytes) -> None:
        """Answers when nobody waits any more."""
        asyncio.get_running_loop().call_later(SLOW_SECONDS, self._respond_if_open, path, body)

    def _respond_if_open(self, path: bytes, body: bytes) -> None:
        if not self._transport.is_closing():
            super().respond(path, body)

    def respond_not_http(self, _path: bytes, _body: bytes) -> None:
        """Answers bytes that are no HTTP."""
        self._transport.write(_NOT_JSON)

    def respond_not_json(self, _path: bytes, _body: bytes) -> None:
        """Answers bytes that are no JSON."""
        self._transport.write(_HEAD + b"content-length: %d\r\n\r\n%b" % (len(_NOT_JSON), _NOT_JSON))

    def reset(self, *_: bytes) -> None:
        """Resets the connection: with lingering set to nothing, closing sends RST."""
        connection: socket.socket = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def respond_without_end(self, _path: bytes, _body: bytes) -> None:
        """Answers a gigabyte, its length unsaid, as fast as it is taken."""
        start = b"%x\r\n%b\r\n" % (len(_HUGE_START), _HUGE_START)
        self._transport.write(_HEAD + b"transfer-encoding: chunked\r\n\r\n" + start)
        self._huge_left = HUGE_BYTES
        self._send_more()

    def pause_writing(self) -> None:
        """Waits for the reader."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """Goes on."""
        self._is_paused = False
        self._send_more()

    def _send_more(self) -> None:
        while self._huge_left > 0 and not self._is_paused and not self._transport.is_closing():
            self._huge_left -= CHUNK_BYTES
            self._transport.write(_CHUNK)


FAULTS: dict[str, Callable[[FaultyProtocol, bytes, bytes], None]] = {
    HEALTHY: FaultyProtocol.respond_well,
    "answers in 30 s": FaultyProtocol.respond_late,
    "dead": FaultyProtocol.reset,
    "resets": FaultyProtocol.reset,
    "not HTTP": FaultyProtocol.respond_not_http,
    "not JSON": FaultyProtocol.respond_not_json,
    "1 GB": FaultyProtocol.respond_without_end,
}
DEAD = "dead"


class FaultySubgraph:
    """The listening socket, the open connections and the fault that holds."""

    def __init__(self, port: int) -> None:
        self.fault = HEALTHY
        self.memory = ResponseMemory(answer)
        self.connections: set[FaultyProtocol] = set()
        self._port = port
        self._server: asyncio.Server | None = None

    async def change(self, fault: str) -> None:
        """Lets another fault hold: dead means that nobody listens, and every change ends what was open."""
        self.fault = fault
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self.connections):
            connection.reset()
        # An aborted transport gives its socket back in the next turn of the loop.
        await asyncio.sleep(0)
        if fault != DEAD:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(
                lambda: FaultyProtocol(self), "127.0.0.1", self._port, backlog=1024
            )

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads the names of faults, one on each line."""
        with contextlib.closing(writer):
            while line := (await reader.readline()).decode().strip():
                await self.change(line)
                writer.write(b"ok\n")
                await writer.drain()


async def serve(port: int, control_port: int) -> None:
    """Serves until the standard input ends."""
    subgraph = FaultySubgraph(port)
    await subgraph.change(HEALTHY)
    control = await asyncio.start_server(subgraph.control, "127.0.0.1", control_port)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    control.close()
    await subgraph.change(DEAD)


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gateways.subgraphs.faulty", description=__doc__
    )
    parser.add_argument("port", type=int)
    parser.add_argument("control_port", type=int)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.control_port))


if __name__ == "__main__":
    main()
