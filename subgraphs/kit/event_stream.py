"""Responses as server-sent events: the distinct connections mode of graphql-sse.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import orjson

MEDIA_TYPE = "text/event-stream"
HEARTBEAT_S = 10.0
_SILENCE = b":\n\n"


async def events_of(responses: AsyncGenerator[Mapping[str, Any], None]) -> AsyncIterator[bytes]:
    """Yields the bytes of the stream; a comment now and then, so that nothing on the way gives up."""
    yield _SILENCE
    coming = asyncio.ensure_future(anext(responses, None))
    try:
        while True:
            await asyncio.wait({coming}, timeout=HEARTBEAT_S)
            if not coming.done():
                yield _SILENCE
                continue
            response = coming.result()
            if response is None:
                break
            yield b"event: next\ndata: %b\n\n" % orjson.dumps(response)
            coming = asyncio.ensure_future(anext(responses, None))
        yield b"event: complete\ndata:\n\n"
    finally:
        coming.cancel()
        await asyncio.wait({coming})
        await responses.aclose()
