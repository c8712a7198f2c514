"""How a domain declares its background work.

`subgraphs/<domain>/jobs.py` lists `JOBS`:

    async def send_mail(context: JobContext, message_id: str) -> None: ...
    async def purge_carts(context: JobContext) -> int: ...

    JOBS = (
        Job(send_mail, attempts_max=8),
        Job(purge_carts, at=Cron(minute={7})),
    )
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from typing import Any

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.backoff import Backoff

RETRY_BACKOFF = Backoff(first_s=1.0, max_s=600.0)


@dataclass(frozen=True, slots=True)
class JobContext:
    """What surrounds one run of a job; `attempt` is 1 at the first."""

    app: SubgraphApp
    job_id: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """When the clock calls a job, in UTC: whenever each part that is given holds; once across all workers."""

    month: Set[int] | None = None
    day: Set[int] | None = None
    weekday: Set[int] | None = None
    """0 is Monday."""
    hour: Set[int] | None = None
    minute: Set[int] | None = None
    second: Set[int] = frozenset({0})


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work: what to call and how patiently.

    What is requested by name is tried `attempts_max` times with growing pauses and is then a dead job; what
    the clock calls is called again by the clock. `keep_result_s` is how long a result can be read and, where
    a request bears a key, how long the same key is not run again.
    """

    run: Callable[..., Awaitable[Any]]
    at: Cron | None = None
    attempts_max: int = 5
    timeout_s: float = 60.0
    keep_result_s: float = 3_600.0
    backoff: Backoff = RETRY_BACKOFF

    @property
    def name(self) -> str:
        """What it is requested by."""
        return self.run.__name__


def queue_of(domain: str, name: str = "zellige") -> str:
    """Returns the Redis key of the domain's queue, below the installation's own name."""
    return f"{name}:jobs:{domain}"
