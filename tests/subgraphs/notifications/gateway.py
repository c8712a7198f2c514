"""An SMS or push gateway on loopback: a real HTTP server that checks signatures and answers as told."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import h11
import orjson

from subgraphs.notifications.channels.signatures import verify

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass(frozen=True, slots=True)
class Posted:
    """One request that bore a good signature."""

    webhook_id: str
    headers: Mapping[str, str]
    content: Mapping[str, Any]


@dataclass
class GatewayServer:
    """Keeps what was posted. `status` 0 closes the connection without an answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    posted: list[Posted] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where letters are posted."""
        return f"http://127.0.0.1:{self.port}/letters"

    def setting(self, name: str) -> dict[str, str]:
        """Returns the gateway as a setting names it."""
        return {"name": name, "url": self.url, "secret": SECRET}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the one request of a connection."""
        connection = h11.Connection(h11.SERVER)
        headers: dict[str, str] = {}
        body = b""
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65_536))
            elif isinstance(event, h11.Request):
                headers = {name.decode(): value.decode() for name, value in event.headers}
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.ConnectionClosed):
                writer.close()
                return
        # At the sender's own time: its clock is one that tests move.
        sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        webhook_id = verify([KEY], headers, sent_at, body)
        self.posted.append(Posted(webhook_id, headers, orjson.loads(body)))
        if self.status:
            answer = h11.Response(
                status_code=self.status,
                headers=[*self.headers.items(), ("content-length", str(len(self.body)))],
            )
            for part in (answer, h11.Data(data=self.body), h11.EndOfMessage()):
                writer.write(connection.send(part) or b"")
            await writer.drain()
        writer.close()


@asynccontextmanager
async def running_gateway(**options: Any) -> AsyncIterator[GatewayServer]:
    """Yields a gateway on a port of its own."""
    gateway = GatewayServer(**options)
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    gateway.port = server.sockets[0].getsockname()[1]
    try:
        yield gateway
    finally:
        server.close()
        await server.wait_closed()
