"""The bounds: ratios of figures of one run, each round against its neighbours, the median of the rounds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.gateways.figures import Row, row_of

ROUNDS_MIN = 3
OURS = "zellige"


@dataclass(frozen=True, slots=True)
class Bound:
    """How one figure of ours relates to another gateway's; at most `limit`, for throughput at least.

    CPU stands for throughput where it can: a gateway has one core and uses it up, so that they are each
    other's inverse, but what else runs on the machine disturbs CPU less.
    """

    about: str
    ours: str
    other: str
    operation: str
    mode: str
    figure: str
    limit: float

    @property
    def is_upper(self) -> bool:
        """Whether the ratio has to stay at or below the limit."""
        return self.figure != "rps"


BOUNDS = (
    Bound(
        "public, unique: CPU of hive-gateway-rust-planner",
        OURS,
        "hive-gateway-rust-planner",
        "public",
        "unique",
        "cpu_ms",
        1 / 3,
    ),
    Bound(
        "public, unique: CPU of apollo-gateway", OURS, "apollo-gateway", "public", "unique", "cpu_ms", 1 / 10
    ),
    Bound("public, unique: CPU of the best floor", OURS, "floor-structs", "public", "unique", "cpu_ms", 1.35),
    Bound(
        "public, same: throughput of hive-gateway-rust-planner",
        OURS,
        "hive-gateway-rust-planner",
        "public",
        "same",
        "rps",
        4.0,
    ),
    Bound(
        "one field: CPU of hive-gateway-rust-planner",
        OURS,
        "hive-gateway-rust-planner",
        "one-field",
        "unique",
        "cpu_ms",
        1 / 2,
    ),
    Bound(
        "public, unique: CPU with all telemetry on, of that without",
        "zellige-telemetry",
        OURS,
        "public",
        "unique",
        "cpu_ms",
        1 / 0.9,
    ),
)


@dataclass(frozen=True, slots=True)
class Ratio:
    """What a bound came to; `value` is None when one side was not measured."""

    bound: Bound
    value: float | None
    rounds: int

    @property
    def verdict(self) -> str:
        """One of: met, missed, not measured; with too few rounds it says so."""
        if self.value is None:
            return "not measured"
        holds = self.value <= self.bound.limit if self.bound.is_upper else self.value >= self.bound.limit
        word = "met" if holds else "missed"
        return word if self.rounds >= ROUNDS_MIN else f"{word} ({self.rounds} of {ROUNDS_MIN} rounds)"

    def to_map(self) -> dict[str, Any]:
        """Returns it as it stands in the results."""
        return {
            "about": self.bound.about,
            "ratio": None if self.value is None else round(self.value, 4),
            "bound": round(self.bound.limit, 4),
            "at_most": self.bound.is_upper,
            "verdict": self.verdict,
        }


def ratios_of(rows: Sequence[Row]) -> list[Ratio]:
    """Returns every bound with its ratio."""
    return [_ratio(bound, rows) for bound in BOUNDS]


def _ratio(bound: Bound, rows: Sequence[Row]) -> Ratio:
    ours = row_of(rows, bound.ours, bound.operation, bound.mode)
    other = row_of(rows, bound.other, bound.operation, bound.mode)
    if ours is None or other is None:
        return Ratio(bound, None, 0)
    pairs = zip(ours.rounds, other.rounds, strict=False)
    values = [getattr(one, bound.figure) / max(1e-9, getattr(two, bound.figure)) for one, two in pairs]
    return Ratio(bound, statistics.median(values) if values else None, len(values))
