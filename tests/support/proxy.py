"""A fixed address in front of an engine whose port changes with each start; it also cuts connections.

`cut_before` lets a test choose the moment: the connection that is about to carry those bytes to the engine
ends instead, as often as is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress


class Proxy:
    """Passes bytes between a port of its own and wherever the engine is now."""

    def __init__(self) -> None:
        self.target: tuple[str, int] | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._cut_before: bytes | None = None
        self.cuts_left = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None, "start() comes first"
        return self._server.sockets[0].getsockname()[1]

    async def start(self) -> None:
        """Begins to listen; without a target, connections are closed at once."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    def cut(self) -> None:
        """Ends every connection as a broken cable would."""
        for writer in list(self._open):
            writer.transport.abort()

    def cut_before(self, sent: bytes, times: int) -> None:
        """Ends the next connections that would carry these bytes (in one piece) to the engine."""
        self._cut_before, self.cuts_left = sent, times

    async def stop(self) -> None:
        """Ends everything."""
        assert self._server is not None, "start() comes first"
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self.target is None:
                return
            there_reader, there_writer = await asyncio.open_connection(*self.target)
            self._open.add(there_writer)
            try:
                await asyncio.gather(_pump(reader, there_writer, self._may_pass), _pump(there_reader, writer))
            finally:
                self._open.discard(there_writer)
                there_writer.transport.abort()
        except OSError:
            return
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    def _may_pass(self, data: bytes) -> bool:
        if self._cut_before is None or not self.cuts_left or self._cut_before not in data:
            return True
        self.cuts_left -= 1
        return False


def _anything(_data: bytes) -> bool:
    return True


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    may_pass: Callable[[bytes], bool] = _anything,
) -> None:
    with suppress(OSError):
        while (data := await reader.read(65_536)) and may_pass(data):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
