"""The manifest of published documents in Redis."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.pipeline.documents.manifest import ManifestError

_REDIS_TIMEOUT_S = 10.0


class RedisSource:
    """A Redis hash with the fields `manifest` and `version`."""

    def __init__(self, url: str, key: str, bytes_max: int) -> None:
        self._url = url
        self._key = key
        self._bytes_max = bytes_max

    async def read(self, known: str | None) -> tuple[str, bytes] | None:
        """Returns the manifest and its version, None when that is `known`; raises ManifestError."""
        try:
            async with asyncio.timeout(_REDIS_TIMEOUT_S):
                return await self._read(known)
        except (RedisError, OSError, TimeoutError) as error:
            raise ManifestError(f"Redis does not give it: {type(error).__name__}") from error

    async def _read(self, known: str | None) -> tuple[str, bytes] | None:
        async with Redis.from_url(self._url) as redis:
            version: Any = await redis.hget(self._key, "version")  # type: ignore[misc] - its types say both
            if version is None:
                raise ManifestError(f"Redis has no {self._key}: publish operations first")
            mark = version.decode(errors="replace")
            if mark == known:
                return None
            if await redis.hstrlen(self._key, "manifest") > self._bytes_max:  # type: ignore[misc]
                raise ManifestError(f"it is larger than {self._bytes_max} bytes")
            # One command, so that mark and text are of one publication.
            found: Any = await redis.hmget(self._key, ["version", "manifest"])  # type: ignore[misc]
            return found[0].decode(errors="replace"), found[1] or b""
