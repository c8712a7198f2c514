"""Two subgraphs that answer from memory, each request body written once; the port goes to standard output."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import ClassVar

PRODUCTS = 50


class Memory(asyncio.Protocol):
    """Answers HTTP/1.1 requests one after the other on each connection."""

    known: ClassVar[dict[bytes, bytes]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remembers where to write."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answers what has arrived whole."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            whole = end + 4 + length
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            answer = self.known.get(body)
            if answer is None:
                answer = self.known[body] = _write(json.loads(body))
            self.transport.write(answer)


def _write(request: dict[str, object]) -> bytes:
    variables = request.get("variables") or {}
    assert isinstance(variables, dict)
    lists = {name: value for name, value in variables.items() if isinstance(value, list)}
    if lists:
        [(name, representations)] = lists.items()
        key = "_entities" + name.removeprefix("representations")
        query = str(request["query"])
        key = key if key in query else "_entities"
        data: dict[str, object] = {
            key: [
                {"inStock": 10, "shipping": "by mule, across the pass", "warehouse": "Tlemcen"}
                for _ in representations
            ]
        }
    else:
        data = {
            "products": [
                {"__typename": "Product", "id": str(number), "name": f"Carreau de zellige {number}"}
                for number in range(PRODUCTS)
            ]
        }
    body = json.dumps({"data": data}).encode()
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    ) + body


async def main() -> None:
    """Serves until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Memory, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
