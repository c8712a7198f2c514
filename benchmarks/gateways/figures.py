"""What one round of one gateway gave, and the row of its rounds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Round:
    """One measured window. `cpu_ms` and `fetches` are for each request."""

    rps: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float
    rss_mb: float
    fetches: float
    requests: int
    failures: int
    generator: str


MEDIANS = ("rps", "p50_ms", "p95_ms", "p99_ms", "cpu_ms", "rss_mb", "fetches")


@dataclass(slots=True)
class Row:
    """One gateway at one operation in one mode. `problem` says why there are no rounds, or what was wrong."""

    gateway: str
    operation: str
    mode: str
    rounds: list[Round] = field(default_factory=list)
    problem: str = ""

    def median(self, name: str) -> float | None:
        """Returns the median of one figure over the rounds; None without rounds."""
        values = [getattr(each, name) for each in self.rounds]
        return statistics.median(values) if values else None

    @property
    def failures(self) -> int:
        """Requests that were not answered with 200, in all rounds."""
        return sum(each.failures for each in self.rounds)

    def to_map(self) -> dict[str, Any]:
        """Returns it as it stands in the results."""
        medians = {name: _rounded(self.median(name)) for name in MEDIANS}
        return {
            "gateway": self.gateway,
            "operation": self.operation,
            "mode": self.mode,
            **medians,
            "failures": self.failures,
            "problem": self.problem,
            "rounds": [{key: _rounded(value) for key, value in asdict(each).items()} for each in self.rounds],
        }


def _rounded(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def row_of(rows: Sequence[Row], gateway: str, operation: str, mode: str) -> Row | None:
    """Returns the row of that name, if it was measured."""
    wanted = (gateway, operation, mode)
    return next((row for row in rows if (row.gateway, row.operation, row.mode) == wanted), None)
