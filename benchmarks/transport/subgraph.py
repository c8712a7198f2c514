"""The benchmark's subgraph: a fixed GraphQL response to anything, as cheaply as asyncio allows."""

from __future__ import annotations

import asyncio
import json
import sys

PRODUCTS = 20

_BODY = json.dumps(
    {
        "data": {
            "topProducts": [
                {
                    "__typename": "Product",
                    "upc": str(n),
                    "name": f"Product {n}",
                    "price": 100 * n,
                    "weight": n,
                }
                for n in range(PRODUCTS)
            ]
        }
    }
).encode()
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_BODY) + _BODY
)


class FixedAnswer(asyncio.Protocol):
    """Answers each request once its body has come; requests carry a content-length."""

    def __init__(self) -> None:
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport), "streams only"
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers every whole request among the bytes so far."""
        self._pending += data
        while True:
            head, separator, rest = self._pending.partition(b"\r\n\r\n")
            if not separator:
                return
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(rest) < length:
                return
            self._pending = rest[length:]
            self._transport.write(_RESPONSE)


async def serve() -> None:
    """Serves on a free port, prints it, and ends with the standard input."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(FixedAnswer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
