"""What Redis says when something is wrong, in the bus's words, and no later than it may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.exceptions import RedisError, ResponseError

from subgraphs.kit.events.bus import BusUnavailableError


@asynccontextmanager
async def answering(timeout_s: float) -> AsyncIterator[None]:
    """Turns whatever Redis raises (gone, loading, full, silent for so long) into BusUnavailableError.

    The time is bounded here and not by the client: redis-py 5.3 with a `socket_timeout` loses one in four
    cancellations, and a receiver that cannot be cancelled cannot be stopped.
    """
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except (RedisError, OSError) as error:
        # The client raises its own kind of error for a refused connection, out of the one that tells it.
        is_lasting = isinstance(error, ResponseError) or isinstance(error.__context__, ConnectionRefusedError)
        reason = f"Redis: {error or type(error).__name__}"
        raise BusUnavailableError(reason, is_lasting=is_lasting) from error
