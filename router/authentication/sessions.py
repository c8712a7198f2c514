"""Sessions that ended before their tokens did: told by events, and looked up in Redis."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import redis.asyncio
import structlog
from redis.exceptions import RedisError

from router.authentication.refusal import cannot_verify
from router.config import SessionsConfig

_log = structlog.stdlib.get_logger("router.authentication")

REMEMBERED_MAX = 100_000
_CONNECTIONS_MAX = 16


class EndedSessions:
    """Knows which sessions have ended; belongs to the event loop of its first question."""

    def __init__(self, config: SessionsConfig) -> None:
        self._config = config
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._redis: redis.asyncio.Redis | None = None

    @property
    def recheck_s(self) -> float | None:
        """After how long a session is to be looked up again; None when there is nowhere to look."""
        return self._config.recheck_s if self._config.redis_url else None

    def end(self, session: str) -> None:
        """Remembers that a session has ended."""
        self._ended[session] = None
        self._ended.move_to_end(session)
        if len(self._ended) > REMEMBERED_MAX:
            self._ended.popitem(last=False)

    def is_known_ended(self, session: str | None) -> bool:
        """Whether this process has heard that the session ended."""
        return session in self._ended

    async def has_ended(self, session: str) -> bool:
        """Whether the session has ended, as Redis knows; raises ClientError when it must, and cannot, say."""
        if session in self._ended:
            return True
        if not self._config.redis_url:
            return False
        try:
            async with asyncio.timeout(self._config.timeout_ms / 1000):
                has_ended = bool(await self._connection().exists(self._config.key_prefix + session))
        except (RedisError, OSError, TimeoutError) as error:
            _log.error("ended sessions cannot be looked up", error=type(error).__name__)
            if self._config.when_unavailable == "refuse":
                raise cannot_verify() from error
            return False
        if has_ended:
            self.end(session)
        return has_ended

    async def close(self) -> None:
        """Closes the connection."""
        connection, self._redis = self._redis, None
        if connection is not None:
            await connection.aclose()

    def _connection(self) -> redis.asyncio.Redis:
        if self._redis is None:
            assert self._config.redis_url is not None, "asked before"
            self._redis = redis.asyncio.Redis.from_url(
                self._config.redis_url, max_connections=_CONNECTIONS_MAX
            )
        return self._redis
