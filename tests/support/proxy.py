"""A fixed address in front of an engine whose port changes with each start; it also cuts connections."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Proxy:
    """Passes bytes between a port of its own and wherever the engine is now."""

    def __init__(self) -> None:
        self.target: tuple[str, int] | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

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
                await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
            finally:
                self._open.discard(there_writer)
                there_writer.transport.abort()
        except OSError:
            return
        finally:
            self._open.discard(writer)
            writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
