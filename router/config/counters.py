"""Where the router counts what clients may do in a time: for rate limits and for budgets of cost."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from router.config.section import Section


class CountersConfig(Section):
    """Counters over sliding windows, in this process or in a Redis that all processes share."""

    store: Literal["memory", "redis"] = "memory"
    """`memory`: each worker counts for itself, so that four workers allow four times as much."""
    redis_url: str = "redis://127.0.0.1:6379/0"
    """One server or a replicated one. In a cluster the rules of one request could not be counted together."""
    key_prefix: str = Field(default="zellige:windows:", min_length=1, max_length=64)
    timeout_ms: int = Field(default=50, ge=1, le=10_000)
    """The longest a request waits for its counters."""
    connections_max: int = Field(default=16, ge=1, le=1_000)
    failures_max: int = Field(default=3, ge=1, le=1_000)
    """After so many failures in a row Redis is left alone for `pause_ms`."""
    pause_ms: int = Field(default=1_000, ge=10, le=600_000)
    when_unavailable: Literal["local", "open", "closed"] = "local"
    """While Redis does not answer: each process counts for itself, everybody is let in, or nobody is (503).
    The first keeps what limits are for, up to the number of processes."""
    keys_max: int = Field(default=100_000, ge=100, le=10_000_000)
    """Counters in memory; beyond it those used longest ago are forgotten. About 200 bytes each."""
