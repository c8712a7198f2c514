"""The body of a POST, bounded in bytes and in time before anything is parsed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from router.response.codes import ErrorCode
from router.server.asgi import Receive
from router.server.refusal import ClientLeftError, RefusedError


async def read_body(
    receive: Receive, headers: Mapping[str, str], *, bytes_max: int, timeout_ms: int
) -> bytes:
    """Returns the whole body; raises RefusedError 413, 415 or 408, or ClientLeftError."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        # A compressed body could hide any size behind few bytes.
        raise RefusedError(
            f'Content-Encoding "{encoding[:40]}" is not accepted', ErrorCode.UNSUPPORTED_MEDIA_TYPE
        )
    announced = headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > bytes_max:
        raise _too_large(bytes_max)
    try:
        async with asyncio.timeout(timeout_ms / 1000):
            return await _collect(receive, bytes_max)
    except TimeoutError as error:
        raise RefusedError(
            f"The body did not arrive within {timeout_ms} ms", ErrorCode.REQUEST_TIMEOUT, status=408
        ) from error


async def _collect(receive: Receive, bytes_max: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeftError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > bytes_max:
            raise _too_large(bytes_max)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(bytes_max: int) -> RefusedError:
    return RefusedError(f"The body is larger than {bytes_max} bytes", ErrorCode.PAYLOAD_TOO_LARGE)
