"""The body of a POST, bounded in bytes before anything is parsed."""

from __future__ import annotations

from collections.abc import Mapping

from router.response.codes import ErrorCode
from router.server.asgi import Receive
from router.server.refusal import ClientLeftError, RefusedError


async def read_body(receive: Receive, headers: Mapping[str, str], *, bytes_max: int) -> bytes:
    """Returns the body; raises RefusedError 413 or 415, or ClientLeftError; the caller bounds the time."""
    encoding = headers.get("content-encoding")
    if encoding is not None and encoding.strip().lower() != "identity":
        # A compressed body could hide any size behind few bytes.
        raise RefusedError(
            f'Content-Encoding "{encoding[:40]}" is not accepted', ErrorCode.UNSUPPORTED_MEDIA_TYPE
        )
    announced = headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > bytes_max:
        raise _too_large(bytes_max)
    return await _collect(receive, bytes_max)


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
