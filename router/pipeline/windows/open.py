"""The counters the settings ask for."""

from __future__ import annotations

from router.config import CountersConfig
from router.pipeline.windows.memory import MemoryWindows
from router.pipeline.windows.redis_windows import RedisWindows
from router.pipeline.windows.resilient import ResilientWindows
from router.pipeline.windows.window import Windows


def open_windows(config: CountersConfig) -> Windows:
    """Returns the counters; a Redis is first asked by the first request."""
    if config.store == "memory":
        return MemoryWindows(config.keys_max)
    return ResilientWindows(config, RedisWindows(config))
