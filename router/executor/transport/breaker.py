"""Asks a subgraph no more while most of its answers are failures.

Closed, a breaker counts over a sliding window. When enough of enough requests have failed it opens: every
request is answered at once with SUBGRAPH_CIRCUIT_OPEN, which costs its client no waiting and the subgraph no
work. After a while it is half open: a few requests pass as probes; one that fails opens it again, enough that
succeed close it. `BreakerConfig` says what a failure is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import structlog

from router.config import BreakerConfig
from router.errors import SubgraphError, SubgraphFault
from router.executor.transport.client import (
    AwaitedOnly,
    SubgraphClient,
    SubgraphRequest,
    SubgraphResponse,
)
from router.executor.transport.events import BreakerState, TransportEvents
from router.response.codes import ErrorCode

_log = structlog.stdlib.get_logger("router.transport")

_STEPS = 10
"""The window slides in steps, a tenth of it each."""
_CLIENT_SIDE = frozenset({SubgraphFault.QUEUE_FULL, SubgraphFault.CIRCUIT_OPEN})


@dataclass(frozen=True, slots=True)
class BreakerSnapshot:
    """How a breaker stands, and what its window counts."""

    state: BreakerState
    requests: int
    failures: int


class Breaker:
    """The states and counts of one breaker; times are seconds of whatever clock its user keeps to.

    `changed` is called with the state before and the one after. Outcomes carry the `era` in which their
    request was let through: what was asked before a change of state says nothing about the new one.
    """

    def __init__(
        self, config: BreakerConfig, changed: Callable[[BreakerState, BreakerState], None] | None = None
    ) -> None:
        self._config = config
        self._changed = changed
        self._step_s = config.window_ms / 1000 / _STEPS
        self._step = self._place = 0
        self._slides_at = 0.0
        self._requests = [0] * _STEPS
        self._failures = [0] * _STEPS
        self._opened_at = 0.0
        self._probing = self._passed = 0
        self.state = BreakerState.CLOSED
        self.era = 0

    def admits(self, now: float) -> bool:
        """Tells whether a request may pass; then `record` or `forget` must follow, in its era."""
        if self.state is BreakerState.CLOSED:
            return True
        if self.state is BreakerState.OPEN:
            if now < self._opened_at + self._config.open_ms / 1000:
                return False
            self._turn(BreakerState.HALF_OPEN)
        if self._probing + self._passed >= self._config.probes:
            return False
        self._probing += 1
        return True

    def record(self, era: int, now: float, *, is_failure: bool) -> None:
        """Counts the outcome of a request."""
        if era != self.era:
            return
        if self.state is BreakerState.CLOSED:
            self._count(now, is_failure)
            if is_failure and self._is_too_much():
                self._open(now)
            return
        self._probing -= 1
        if is_failure:
            self._open(now)
            return
        self._passed += 1
        if self._passed >= self._config.probes:
            self._turn(BreakerState.CLOSED)
            self._requests, self._failures = [0] * _STEPS, [0] * _STEPS

    def succeeded(self, era: int, now: float) -> None:
        """Counts a success, as `record` does."""
        if era == self.era and self.state is BreakerState.CLOSED:
            if now >= self._slides_at:
                self._slide(now)
            self._requests[self._place] += 1
        else:
            self.record(era, now, is_failure=False)

    def forget(self, era: int) -> None:
        """Ends a request that says nothing about the subgraph."""
        if era == self.era and self.state is BreakerState.HALF_OPEN:
            self._probing -= 1

    def snapshot(self, now: float) -> BreakerSnapshot:
        """Returns how it stands."""
        self._slide(now)
        return BreakerSnapshot(self.state, sum(self._requests), sum(self._failures))

    def _count(self, now: float, is_failure: bool) -> None:
        self._slide(now)
        self._requests[self._place] += 1
        self._failures[self._place] += is_failure

    def _slide(self, now: float) -> None:
        step = int(now / self._step_s)
        if step == self._step:
            return
        for passed in range(max(self._step + 1, step - _STEPS + 1), step + 1):
            self._requests[passed % _STEPS] = self._failures[passed % _STEPS] = 0
        self._step = step
        self._place = step % _STEPS
        self._slides_at = (step + 1) * self._step_s

    def _is_too_much(self) -> bool:
        requests = sum(self._requests)
        if requests < self._config.requests_min:
            return False
        return sum(self._failures) * 100 >= self._config.failures_percent * requests

    def _open(self, now: float) -> None:
        self._opened_at = now
        self._turn(BreakerState.OPEN)

    def _turn(self, state: BreakerState) -> None:
        before, self.state = self.state, state
        self.era += 1
        self._probing = self._passed = 0
        if self._changed is not None:
            self._changed(before, state)


class BreakingClient(AwaitedOnly):
    """A SubgraphClient behind a circuit breaker."""

    def __init__(
        self, name: str, inner: SubgraphClient, config: BreakerConfig, events: TransportEvents
    ) -> None:
        self.name = name
        self._inner = inner
        self._slow_s = config.slow_ms / 1000
        self._events = events
        self.breaker = Breaker(config, self._tell)

    @property
    def takes_body(self) -> bool:
        """Whether the client below takes requests encoded."""
        return self._inner.takes_body

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation, or refuses to at once."""
        breaker = self.breaker
        began_at = monotonic()
        if not breaker.admits(began_at):
            self._events.refused_by_breaker(self.name)
            raise self._refusal()
        era = breaker.era
        try:
            response = await self._inner.execute(request)
        except SubgraphError as error:
            self.note_error(error, era, monotonic() - began_at)
            raise
        except BaseException:
            breaker.forget(era)
            raise
        breaker.record(era, monotonic(), is_failure=response.http_status >= 500)
        return response

    def note_error(self, error: SubgraphError, era: int, took_s: float) -> None:
        """Counts what became of a request that was let through in `era`."""
        if self._is_about_subgraph(error, took_s):
            self.breaker.record(era, monotonic(), is_failure=_is_failure(error))
        else:
            self.breaker.forget(era)

    def snapshot(self) -> BreakerSnapshot:
        """Returns how its breaker stands."""
        return self.breaker.snapshot(monotonic())

    async def close(self) -> None:
        """Closes the client below."""
        await self._inner.close()

    def _is_about_subgraph(self, error: SubgraphError, took_s: float) -> bool:
        if error.fault is SubgraphFault.DEADLINE:
            return took_s >= self._slow_s
        return error.fault not in _CLIENT_SIDE

    def _tell(self, before: BreakerState, after: BreakerState) -> None:
        _log.warning("circuit breaker", subgraph=self.name, before=before.value, after=after.value)
        self._events.breaker_changed(self.name, before, after)

    def _refusal(self) -> SubgraphError:
        return SubgraphError(
            f'The subgraph "{self.name}" is failing and is not asked for now',
            ErrorCode.SUBGRAPH_CIRCUIT_OPEN.name,
            service=self.name,
            fault=SubgraphFault.CIRCUIT_OPEN,
        )


def _is_failure(error: SubgraphError) -> bool:
    """Tells whether an error is the subgraph's failure; a status below 500 is its answer to this request."""
    return error.fault is not SubgraphFault.STATUS or error.http_status is None or error.http_status >= 500
