"""How late the event loop is: what every request pays before its own work begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

INTERVAL_S = 0.5


async def watch_loop_lag(observe: Callable[[float], None]) -> None:
    """Sleeps again and again and tells how many seconds too long each sleep was; runs until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + INTERVAL_S
        await asyncio.sleep(INTERVAL_S)
        observe(max(0.0, loop.time() - due))
