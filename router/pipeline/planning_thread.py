"""Prepares operations beside the event loop: each once, however many requests wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from router.errors import ClientError
from router.response.codes import ErrorCode

Value = TypeVar("Value")
# Operations that nobody prepared yet and that wait for it. Each takes milliseconds: further ones would wait
# for longer than most clients do.
WAITING_MAX = 1_000


class PlanningThread:
    """One thread that parses, validates, plans and compiles, so that requests in flight go on meanwhile."""

    def __init__(self, waiting_max: int = WAITING_MAX) -> None:
        self._waiting_max = waiting_max
        self._thread: ThreadPoolExecutor | None = None
        self._under_way: dict[Hashable, asyncio.Future[Any]] = {}

    @property
    def waiting(self) -> int:
        """How many jobs are not done."""
        return len(self._under_way)

    async def run(self, key: Hashable, job: Callable[[], Value]) -> Value:
        """Returns what the job returns, or raises what it raises; jobs of one key are run once.

        Raises ClientError when too many wait already. A job goes on when those who waited for it have left:
        its result is about to be asked for again.
        """
        loop = asyncio.get_running_loop()
        future = self._under_way.get(key)
        if future is None or future.get_loop() is not loop:
            if len(self._under_way) >= self._waiting_max:
                raise ClientError("Too many new operations wait to be planned.", ErrorCode.OVERLOADED.name)
            if self._thread is None:
                self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="planning")
            future = loop.run_in_executor(self._thread, job)
            self._under_way[key] = future
            future.add_done_callback(lambda done: self._end(key, done))
        return await asyncio.shield(future)

    def close(self) -> None:
        """Ends the thread after the job it is at."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)

    def _end(self, key: Hashable, done: asyncio.Future[Any]) -> None:
        self._under_way.pop(key, None)
        if not done.cancelled():
            done.exception()  # Whoever waited has raised it; when nobody did, it is nobody's.
