"""The clock as a port, so that expiry can be tested without waiting."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; always UTC and aware."""

    def now(self) -> datetime:
        """Returns the present moment."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Returns the present moment."""
        return datetime.now(UTC)
