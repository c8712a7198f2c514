"""Parts of a process that shall go on for as long as it lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from subgraphs.kit.backoff import Backoff

RESTART_BACKOFF = Backoff(first_s=0.5, max_s=15.0)
CALM_S = 60.0
"""A part that ran so long before it failed begins its pauses anew."""

log = structlog.get_logger(__name__)


async def keep_running(
    name: str, run: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event
) -> None:
    """Runs a part until told to stop; what ends it before is logged, and it begins again after a pause."""
    failures = 0
    while not stop.is_set():
        began = asyncio.get_running_loop().time()
        try:
            await run(stop)
        except Exception as error:
            if asyncio.get_running_loop().time() - began > CALM_S:
                failures = 0
            failures += 1
            log.warning("part_failed", part=name, failures=failures, exc_info=error)
        else:
            if not stop.is_set():
                log.warning("part_ended", part=name)
                failures += 1
        if not stop.is_set():
            await pause(stop, RESTART_BACKOFF.pause_s(max(1, failures)))


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Waits that long, or until told to stop."""
    waiting = asyncio.ensure_future(stop.wait())
    await asyncio.wait({waiting}, timeout=seconds)
    waiting.cancel()
