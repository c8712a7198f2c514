"""Reading a request's body, and no more of it than may be."""

from __future__ import annotations

from fastapi import Request


async def read_bounded(request: Request, bytes_max: int) -> bytes | None:
    """Returns the body; None when it is longer."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > bytes_max:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
