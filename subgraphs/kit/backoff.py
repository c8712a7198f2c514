"""How long to wait before trying again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling pauses up to a bound, with jitter: those who failed together do not return together."""

    first_s: float
    max_s: float

    def pause_s(self, failures: int) -> float:
        """Returns the pause after so many failures in a row (1 or more): half of it fixed, half by chance."""
        full = min(self.max_s, self.first_s * 2.0 ** min(failures - 1, 32))
        return full * (0.5 + random.random() / 2)  # noqa: S311 - not a secret
