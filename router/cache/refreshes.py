"""Background work, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import structlog

_log = structlog.stdlib.get_logger("router.cache")


class Refreshes:
    """Runs refreshes in the background, at most `count_max` at a time; further ones are not begun."""

    def __init__(self, count_max: int) -> None:
        self._count_max = count_max
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, refresh: Callable[[], Coroutine[None, None, None]]) -> bool:
        """Begins one more unless there are enough; says whether it did."""
        if len(self._tasks) >= self._count_max:
            return False
        task = asyncio.create_task(self._run(refresh))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    @staticmethod
    async def _run(refresh: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            await refresh()
        except Exception as fault:  # noqa: BLE001 - the edge of background work: nobody else would hear of it
            _log.warning("cache refresh failed", exc_info=fault)

    async def close(self) -> None:
        """Ends what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
