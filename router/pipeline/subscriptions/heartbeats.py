"""Wakes every subscriber now and then, so that no client is left in silence."""

from __future__ import annotations

import asyncio
from collections import deque

from router.pipeline.subscriptions.subscriber import Subscriber


class Heartbeats:
    """One task for all subscribers, which stand in line by when they are due."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._line: deque[tuple[float, Subscriber]] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, subscriber: Subscriber) -> None:
        """Puts a subscriber in line; it leaves it when it has ended."""
        due = asyncio.get_running_loop().time() + self._interval_s
        self._line.append((due, subscriber))
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def close(self) -> None:
        """Ends the task."""
        self._line.clear()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._line:
                await asyncio.sleep(max(self._line[0][0] - loop.time(), 0.01))
                now = loop.time()
                while self._line and self._line[0][0] <= now:
                    _, subscriber = self._line.popleft()
                    if not subscriber.is_ended:
                        subscriber.beat()
                        self._line.append((now + self._interval_s, subscriber))
        finally:
            self._task = None
