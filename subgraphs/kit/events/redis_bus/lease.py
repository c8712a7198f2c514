"""The right to be given a group's entries: one receiver at a time, so that their order holds.

A lease that runs out under a receiver that still lives (a long pause of its process) does no harm: both then
handle the same entries in the same order, and the inbox lets each have its effect once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from redis.asyncio import Redis

from subgraphs.kit.events.bus import BusUnavailableError
from subgraphs.kit.events.redis_bus.outage import answering
from subgraphs.kit.events.redis_bus.scripts import RELEASE_LEASE, RENEW_LEASE, run_script

RENEWALS_PER_LEASE = 3


class LeaseLostError(Exception):
    """Another receiver has the lease by now."""


class Lease:
    """One receiver's claim on one group."""

    def __init__(self, redis: Redis, key: str, holder: str, lease_s: float) -> None:
        self._redis = redis
        self._key = key
        self._holder = holder
        self._lease_s = lease_s
        self._lease_ms = str(int(lease_s * 1000))
        self.pause_s = lease_s / RENEWALS_PER_LEASE

    async def take(self) -> bool:
        """Takes the lease when nobody has it."""
        async with answering(self._lease_s):
            return bool(await self._redis.set(self._key, self._holder, nx=True, px=int(self._lease_ms)))

    async def keep(self) -> None:
        """Renews the lease until cancelled; raises LeaseLostError when it is somebody else's."""
        while True:
            await asyncio.sleep(self.pause_s)
            async with answering(self._lease_s):
                renewed = await run_script(
                    self._redis, RENEW_LEASE, [self._key], self._holder, self._lease_ms
                )
            if not renewed:
                raise LeaseLostError

    async def give_back(self) -> None:
        """Lets the next receiver in at once; where Redis is away, the lease runs out by itself."""
        with suppress(BusUnavailableError):
            async with answering(self._lease_s):
                await run_script(self._redis, RELEASE_LEASE, [self._key], self._holder)
