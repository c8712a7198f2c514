"""How many operations may run at once, found out from how far the process falls behind.

What is measured is the event loop's lag: how much later than asked a timer fires. It stands for the time each
operation waits for its turn on the processor, and unlike the latency of whole operations it does not grow
when a subgraph is slow: those operations wait, they cost nothing, and shedding others would not help them.

Samples are gathered in windows. In a window where even the smallest lag is above the target, the process is
behind for good and not for a moment (a large plan, a collection of garbage): the limit falls at once below
what ran, by how much the target is missed, but by half at most. In a window without that in which the limit
was reached, it grows by a tenth.
"""

from __future__ import annotations

WINDOW_S = 0.2
SAMPLES_MIN = 3
_SHRINK_MIN = 0.5
_GROW = 0.1


class ConcurrencyLimit:
    """The limit of one process. Times and lags are in seconds."""

    def __init__(self, concurrency_min: int, concurrency_max: int, lag_s_target: float) -> None:
        self.current = concurrency_max
        self.lag_s = 0.0
        self._bounds = (concurrency_min, concurrency_max)
        self._target_s = lag_s_target
        self._window_began_at = 0.0
        self._lags: list[float] = []
        self._peak = 0

    def begin_window(self, now: float) -> None:
        """Forgets the samples so far."""
        self._window_began_at = now
        self._lags.clear()
        self._peak = 0

    def observe(self, now: float, lag_s: float, running: int) -> None:
        """Takes a sample; at the end of a window the limit follows."""
        self._lags.append(lag_s)
        self._peak = max(self._peak, running)
        if len(self._lags) < SAMPLES_MIN or now - self._window_began_at < WINDOW_S:
            return
        self.lag_s = min(self._lags)
        lower, upper = self._bounds
        if self.lag_s > self._target_s:
            factor = max(_SHRINK_MIN, self._target_s / self.lag_s)
            self.current = max(lower, int(min(self.current, self._peak) * factor))
        elif self._peak >= self.current:
            self.current = min(upper, self.current + max(1, int(self.current * _GROW)))
        self.begin_window(now)
