"""Counters of one process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from router.pipeline.windows.window import Hit, Standing, Taken
from router.telemetry.catalogue import Reading


class MemoryWindows:
    """At most `keys_max` counters; those used longest ago are forgotten first."""

    def __init__(self, keys_max: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys_max = keys_max
        self._clock = clock
        self._counters: OrderedDict[bytes, tuple[int, int, int]] = OrderedDict()

    async def take(self, hits: Sequence[Hit]) -> Taken:
        """Takes all hits or none."""
        return self.take_now(hits)

    def take_now(self, hits: Sequence[Hit]) -> Taken:
        """Takes all hits or none, without waiting for anything."""
        now_ms = int(self._clock() * 1000)
        standings = [self._standing(hit, now_ms) for hit in hits]
        is_taken = all(standing.fits(hit) for standing, hit in zip(standings, hits, strict=True))
        if is_taken:
            for standing, hit in zip(standings, hits, strict=True):
                total = (now_ms // hit.window_ms, standing.current + hit.cost, standing.previous)
                self._counters[hit.key] = total
                self._counters.move_to_end(hit.key)
            while len(self._counters) > self._keys_max:
                self._counters.popitem(last=False)
        return Taken(is_taken, standings)

    def _standing(self, hit: Hit, now_ms: int) -> Standing:
        slot, into = divmod(now_ms, hit.window_ms)
        counted_in, current, previous = self._counters.get(hit.key, (slot, 0, 0))
        if counted_in == slot:
            return Standing(current, previous, into)
        return Standing(0, current if counted_in == slot - 1 else 0, into)

    def readings(self) -> Iterable[Reading]:
        """Tells nothing: memory does not fail."""
        return ()

    async def close(self) -> None:
        """Holds nothing."""
