"""Sessions that ended before their tokens: a key in Redis for each, for as long as its last token lives.

The router looks there (`authentication.sessions`), so that a stolen token is refused within seconds, not
after its quarter of an hour. The keys are written by an event, which is not lost when Redis is away.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from redis.asyncio import ConnectionPool, Redis

from subgraphs.identity.service.access_tokens import ACCESS_LIFETIME
from subgraphs.kit.settings import KitSettings

ANSWER_S_MAX = 5.0
KEPT_S = int(ACCESS_LIFETIME.total_seconds()) + 60


class EndedSessions:
    """The keys `<installation>:revoked:<session>`."""

    def __init__(self, settings: KitSettings) -> None:
        # No `socket_timeout`: redis-py 5.3 loses cancellations with it.
        pool = ConnectionPool.from_url(settings.redis_url, socket_connect_timeout=ANSWER_S_MAX)
        self._redis: Redis = Redis(connection_pool=pool)
        self._prefix = f"{settings.event_bus_name}:revoked:"

    async def add(self, session_id: UUID) -> None:
        """Notes that the session has ended; raises what Redis raises."""
        async with asyncio.timeout(ANSWER_S_MAX):
            await self._redis.set(f"{self._prefix}{session_id}", "1", ex=KEPT_S)

    async def close(self) -> None:
        """Ends the connections."""
        await self._redis.aclose(close_connection_pool=True)
