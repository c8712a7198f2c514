"""Automatic persisted queries: texts that clients sent, by their SHA-256.

A text is kept only under the hash that it has, so that nobody can put one under another's name.
"""

from __future__ import annotations

import asyncio
from time import monotonic

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from router.config import AutomaticDocumentsConfig
from router.pipeline.cache import BoundedCache
from router.pipeline.documents.manifest import hash_of

_log = structlog.stdlib.get_logger("router.documents")

_CONNECTIONS_MAX = 8
_PAUSE_S = 1.0
_FAILURES = (RedisError, OSError, TimeoutError)


class AutomaticDocuments:
    """Texts in memory, and in Redis where the settings say so."""

    def __init__(self, config: AutomaticDocumentsConfig) -> None:
        self._config = config
        self._texts: BoundedCache[str] = BoundedCache(config.documents_max)
        self._shared = _SharedTexts(config) if config.store == "redis" else None

    async def find(self, hash_: str) -> str | None:
        """Returns the text with this hash, if it is known."""
        text = self._texts.get(hash_)
        if text is None and self._shared is not None:
            text = await self._shared.find(hash_)
            # Whoever else writes to that Redis could have put anything there.
            if text is not None and hash_of(text) == hash_:
                return self._texts.keep(hash_, text)
            return None
        return text

    async def keep(self, hash_: str, text: str) -> None:
        """Keeps a text under its hash, unless it is too long."""
        if len(text) > self._config.document_bytes_max or self._texts.get(hash_) is not None:
            return
        self._texts.keep(hash_, text)
        if self._shared is not None:
            await self._shared.keep(hash_, text)

    async def close(self) -> None:
        """Closes the connections."""
        if self._shared is not None:
            await self._shared.close()


class _SharedTexts:
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
        await self._redis.aclose(close_connection_pool=True)
