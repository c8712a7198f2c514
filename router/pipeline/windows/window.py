"""The arithmetic of a sliding window, and what every store of counters does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple, Protocol

from router.telemetry.catalogue import Reading


class WindowsUnavailableError(Exception):
    """The counters cannot be read, and the settings say that nobody is let in without them."""


class Hit(NamedTuple):
    """What is to be taken from one counter: `cost` of the `limit` that a window holds."""

    key: bytes
    limit: int
    window_ms: int
    cost: int = 1


class Standing(NamedTuple):
    """A counter before a hit: totals of the present window and of the one before, and how far we are in."""

    current: int
    previous: int
    into_ms: int

    def used(self, window_ms: int) -> float:
        """Returns how much of the limit is used."""
        return self.previous * (window_ms - self.into_ms) / window_ms + self.current

    def fits(self, hit: Hit) -> bool:
        """Whether the hit can be taken."""
        return self.used(hit.window_ms) + hit.cost <= hit.limit

    def wait_ms(self, hit: Hit) -> int:
        """Returns after which time the hit fits if nothing else is taken; a window when it never does."""
        window = hit.window_ms
        if hit.cost > hit.limit:
            return window
        if self.fits(hit):
            return 0
        room = hit.limit - self.current - hit.cost
        if room >= 0:  # enough of the window before has to slide out
            return max(1, ceil(window * (1 - room / self.previous)) - self.into_ms)
        until_next = window - self.into_ms
        return until_next + max(0, ceil(window * (1 - (hit.limit - hit.cost) / self.current)))


@dataclass(frozen=True, slots=True)
class Taken:
    """The outcome: whether all was taken, and the counters as they were before, in the order of the hits."""

    is_taken: bool
    standings: Sequence[Standing]


class Windows(Protocol):
    """A store of counters."""

    async def take(self, hits: Sequence[Hit]) -> Taken:
        """Takes all hits or none; raises WindowsUnavailableError."""
        ...

    def readings(self) -> Iterable[Reading]:
        """Returns how it does, for metrics."""
        ...

    async def close(self) -> None:
        """Releases what it holds."""
        ...
