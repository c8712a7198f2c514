"""Serves the subgraphs of every world in one process: `python -m benchmarks.gateways.subgraphs PORT`.

GET /counts answers how many requests came from memory and how many were new; POST /v1/traces takes what an
exporter of traces sends, as a collector would. It ends with its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from benchmarks.gateways.subgraphs.memory import ResponseMemory
from benchmarks.gateways.subgraphs.protocol import MemoryProtocol
from benchmarks.gateways.worlds import WORLDS

_COUNTS, _TRACES = b"/counts", b"/v1/traces"
_TAKEN = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n"


def answer(world_name: str, subgraph: str, body: bytes) -> bytes | None:
    """Returns the response of a subgraph of any world; None where there is none of that name."""
    make_world = WORLDS.get(world_name)
    if make_world is None or subgraph not in make_world().subgraph_sdls:
        return None
    return make_world().answer_as_subgraph(subgraph, body)


def serve_memory(memory: ResponseMemory) -> MemoryProtocol:
    """Returns the protocol of one connection."""

    def respond(path: bytes, body: bytes) -> bytes:
        if path == _TRACES:
            return _TAKEN
        return counts(memory) if path == _COUNTS else memory.respond(path, body)

    return MemoryProtocol(respond)


def counts(memory: ResponseMemory) -> bytes:
    """Returns the HTTP response that says how many requests came."""
    text = json.dumps({"hits": memory.hits, "misses": memory.misses}).encode()
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(text) + text
    )


async def serve(port: int) -> None:
    """Serves until the standard input ends; prints the port once it is open."""
    loop = asyncio.get_running_loop()
    memory = ResponseMemory(answer)
    server = await loop.create_server(lambda: serve_memory(memory), "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateways.subgraphs", description=__doc__)
    parser.add_argument("port", type=int, help="0 takes any free one")
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
