"""Lines that say how far a run is, on standard error."""

from __future__ import annotations

import sys
import time


class Progress:
    """Says lines with the seconds since it was made."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def say(self, line: str) -> None:
        """Writes one line at once."""
        print(f"[{time.monotonic() - self._started:5.0f} s] {line}", file=sys.stderr, flush=True)
