"""The counters the settings ask for."""

from __future__ import annotations

from router.config import CountersConfig
from router.pipeline.windows.memory import MemoryWindows
from router.pipeline.windows.window import Windows


def open_windows(config: CountersConfig) -> Windows:
    """Returns the counters; a Redis is first asked by the first request."""
    if config.store == "memory":
        return MemoryWindows(config.keys_max)
    # Redis's client takes megabytes: it is loaded by who has a Redis.
    from router.pipeline.windows.redis_windows import RedisWindows  # noqa: PLC0415
    from router.pipeline.windows.resilient import ResilientWindows  # noqa: PLC0415

    return ResilientWindows(config, RedisWindows(config))
