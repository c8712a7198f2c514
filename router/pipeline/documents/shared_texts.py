"""Texts of automatic persisted queries in Redis, for all processes."""

from __future__ import annotations

import asyncio
from time import monotonic

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from router.config import AutomaticDocumentsConfig

_log = structlog.stdlib.get_logger("router.documents")

_CONNECTIONS_MAX = 8
_PAUSE_S = 1.0
_FAILURES = (RedisError, OSError, TimeoutError)


class SharedTexts:
    """Texts in Redis; one that fails is left alone for a moment, and costs a text being sent again."""

    def __init__(self, config: AutomaticDocumentsConfig) -> None:
        self._prefix = config.key_prefix
        self._lifetime_s = config.lifetime_s
        self._timeout_s = config.timeout_ms / 1000
        self._bytes_max = config.document_bytes_max
        # No timeouts of redis-py's own: with them version 5.3 loses cancellations.
        pool = BlockingConnectionPool.from_url(
            config.redis_url, max_connections=_CONNECTIONS_MAX, timeout=None
        )
        self._redis: Redis = Redis(connection_pool=pool)
        self._paused_until = 0.0

    async def find(self, hash_: str) -> str | None:
        """Returns what is there under a hash."""
        if monotonic() < self._paused_until:
            return None
        try:
            async with asyncio.timeout(self._timeout_s):
                found = await self._redis.getex(self._prefix + hash_, ex=self._lifetime_s)
        except _FAILURES as fault:
            self._pause(fault)
            return None
        if found is None or len(found) > 4 * self._bytes_max:
            return None
        return found.decode("utf-8", "replace")

    async def keep(self, hash_: str, text: str) -> None:
        """Puts a text under a hash."""
        if monotonic() < self._paused_until:
            return
        value = text.encode("utf-8", "replace")
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._redis.set(self._prefix + hash_, value, ex=self._lifetime_s)
        except _FAILURES as fault:
            self._pause(fault)

    def _pause(self, fault: BaseException) -> None:
        self._paused_until = monotonic() + _PAUSE_S
        _log.warning("persisted queries go on without Redis", fault=type(fault).__name__)

    async def close(self) -> None:
        """Closes the connections."""
        await self._redis.aclose(close_connection_pool=True)
