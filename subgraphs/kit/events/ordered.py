"""Work in order per key, side by side over keys."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class OrderedWork(Generic[T]):
    """Calls `do` for each item: items of one key one after another as they came, others at the same time.

    How many are in hand is bounded by whoever gives the items. `failure` holds the first error of `do`; no
    item of that key is begun after it.
    """

    def __init__(self, do: Callable[[T], Awaitable[None]]) -> None:
        self._do = do
        self._waiting: dict[Hashable, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending = False
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def add(self, key: Hashable, item: T) -> None:
        """Puts an item behind those of its key."""
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.append(item)
            return
        self._waiting[key] = deque([item])
        task = asyncio.create_task(self._work_off(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self, seconds_max: float) -> None:
        """Begins nothing more, lets what is in hand finish, and cancels what has not after the time."""
        self._ending = True
        if self._tasks and seconds_max > 0:
            await asyncio.wait(self._tasks, timeout=seconds_max)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work_off(self, key: Hashable) -> None:
        waiting = self._waiting[key]
        try:
            while waiting and not self._ending:
                await self._do(waiting.popleft())
        except Exception as error:  # noqa: BLE001 - handed to whoever runs this, through `failure`
            if not self.failure.done():
                self.failure.set_exception(error)
        finally:
            del self._waiting[key]
