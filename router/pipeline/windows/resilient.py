"""Shared counters, and what happens while they do not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from time import monotonic

import structlog
from redis.exceptions import RedisError

from router.config import CountersConfig
from router.pipeline.windows.memory import MemoryWindows
from router.pipeline.windows.redis_windows import RedisWindows
from router.pipeline.windows.window import Hit, Standing, Taken, WindowsUnavailableError
from router.telemetry.catalogue import WINDOWS_STORE_UP, Reading

_log = structlog.stdlib.get_logger("router.windows")

_FAILURES = (RedisError, OSError, TimeoutError)


class ResilientWindows:
    """Takes from Redis within the time set; after failures it leaves Redis alone for a while."""

    def __init__(self, config: CountersConfig, shared: RedisWindows) -> None:
        self._config = config
        self._shared = shared
        self._own = MemoryWindows(config.keys_max)
        self._failures = 0
        self._paused_until = 0.0

    async def take(self, hits: Sequence[Hit]) -> Taken:
        """Takes all hits or none, wherever can be counted; raises WindowsUnavailableError."""
        if self._failures >= self._config.failures_max:
            now = monotonic()
            if now < self._paused_until:
                return self._without(hits)
            # One request finds out whether Redis is back; the others go on without it meanwhile.
            self._paused_until = now + self._config.pause_ms / 1000
        try:
            async with asyncio.timeout(self._config.timeout_ms / 1000):
                taken = await self._shared.take(hits)
        except _FAILURES as fault:
            self._note_failure(fault)
            return self._without(hits)
        if self._failures >= self._config.failures_max:
            _log.info("limits are counted in Redis again")
        self._failures = 0
        return taken

    def _note_failure(self, fault: BaseException) -> None:
        self._failures += 1
        self._paused_until = monotonic() + self._config.pause_ms / 1000
        if self._failures == self._config.failures_max:
            policy = self._config.when_unavailable
            _log.warning("limits go on without Redis", policy=policy, fault=type(fault).__name__)

    def _without(self, hits: Sequence[Hit]) -> Taken:
        match self._config.when_unavailable:
            case "local":
                return self._own.take_now(hits)
            case "open":
                return Taken(is_taken=True, standings=[Standing(0, 0, 0)] * len(hits))
            case "closed":
                raise WindowsUnavailableError

    def readings(self) -> Iterable[Reading]:
        """Returns whether Redis answers."""
        yield Reading(WINDOWS_STORE_UP, int(self._failures == 0))

    async def close(self) -> None:
        """Closes the connections."""
        await self._shared.close()
