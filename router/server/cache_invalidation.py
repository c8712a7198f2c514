"""`POST /cache/invalidate`: whoever has the key says what is out of date."""

from __future__ import annotations

import hmac
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from router.cache.cache import Cache
from router.cache.invalidation import InvalidationError, parse_invalidations
from router.config import InvalidationConfig

BODY_BYTES_MAX = 4_000_000
_NO_STORE = {"cache-control": "no-store"}


def cache_invalidation_routes(cache: Cache, config: InvalidationConfig) -> APIRouter:
    """Returns the route; none without a key.

    200: what the body names is invalid from now on. 503: the shared store could not be told yet; it will be,
    and other processes may serve the old entries until then, for as long as their ages allow.
    """
    routes = APIRouter()
    if config.key is None:
        return routes
    expected = f"Bearer {config.key.get_secret_value()}".encode()

    @routes.post(config.path)
    async def invalidate(request: Request) -> JSONResponse:
        given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, expected):
            return _answer(401, {"error": "Send the key as Authorization: Bearer <key>."})
        body = await _read(request)
        if body is None:
            return _answer(413, {"error": f"The body is longer than {BODY_BYTES_MAX} bytes."})
        try:
            invalidations = parse_invalidations(orjson.loads(body), config.requests_max)
        except orjson.JSONDecodeError as error:
            return _answer(400, {"error": f"The body is not JSON: {error}"})
        except InvalidationError as error:
            return _answer(400, {"error": str(error)})
        if await cache.invalidate(invalidations):
            return _answer(200, {"invalidated": len(invalidations)})
        return _answer(503, {"error": "The shared store cannot be reached; it will be told when it can."})

    return routes


async def _read(request: Request) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _answer(status: int, body: dict[str, Any]) -> JSONResponse:
    return JSONResponse(body, status_code=status, headers=_NO_STORE)
