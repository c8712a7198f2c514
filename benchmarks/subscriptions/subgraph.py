"""The subgraphs as a process: ticks over server-sent events, billing over JSON."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import orjson
import uvicorn

from benchmarks.subscriptions.answers import bill, tick
from benchmarks.subscriptions.control import Controlled

_streams: set[asyncio.Queue[bytes]] = set()


def publish(number: int, sent_at: float) -> None:
    """Hands one tick to every stream."""
    event = b"event: next\ndata: " + orjson.dumps(tick(number, sent_at)) + b"\n\n"
    for queue in _streams:
        queue.put_nowait(event)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers `/ticks` with a stream and `/billing` with totals."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if scope["path"] == "/billing":
        asked = orjson.loads(body)
        answer = orjson.dumps(bill(asked["query"], asked.get("variables")))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})
        return
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    _streams.add(queue)
    leaving = asyncio.create_task(_until_gone(receive))
    try:
        while not leaving.done():
            next_one = asyncio.create_task(queue.get())
            await asyncio.wait((next_one, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not next_one.done():
                next_one.cancel()
                return
            await send({"type": "http.response.body", "body": next_one.result(), "more_body": True})
    finally:
        _streams.discard(queue)
        leaving.cancel()


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subscriptions.subgraph", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(
        Controlled(app, publish),
        port=parser.parse_args().port,
        log_level="warning",
        lifespan="off",
        access_log=False,
        timeout_keep_alive=600,  # a connection closed just as it is used is not what is measured
    )
