"""Sends a query once more after a failure that may pass.

Four things bound it: the attempts, the client's deadline, what the subgraph itself asks for by Retry-After,
and a budget for all requests to that subgraph: in an outage it gets a little more work, and not a multiple.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import random

from router.config import RetryConfig
from router.errors import SubgraphError, SubgraphFault
from router.executor.transport.client import (
    AwaitedOnly,
    RequestScope,
    SubgraphClient,
    SubgraphRequest,
    SubgraphResponse,
)
from router.executor.transport.events import TransportEvents

Outcome = SubgraphResponse | SubgraphError
_PASSING = frozenset({SubgraphFault.NO_CONNECTION, SubgraphFault.RESET})


class RetryBudget:
    """Retries that may still be made: each request adds a share of one, each retry takes one."""

    def __init__(self, share: float, burst: int) -> None:
        self._share = share
        self._max = float(max(1, burst))
        self._tokens = float(burst)

    def note_request(self) -> None:
        """Adds a request's share."""
        tokens = self._tokens + self._share
        self._tokens = tokens if tokens < self._max else self._max

    def take(self) -> bool:
        """Takes a retry, if there is one to take."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class RetryingClient(AwaitedOnly):
    """A SubgraphClient that asks again; mutations pass through it once."""

    def __init__(
        self,
        name: str,
        inner: SubgraphClient,
        config: RetryConfig,
        events: TransportEvents,
        draw: Callable[[], float] = random,
    ) -> None:
        self._name = name
        self._inner = inner
        self._config = config
        self._events = events
        self._draw = draw
        self._statuses = frozenset(config.statuses)
        self._faults = _PASSING | {SubgraphFault.SILENCE} if config.timeouts else _PASSING
        self.budget = RetryBudget(config.budget_percent / 100, config.budget_burst)

    @property
    def takes_body(self) -> bool:
        """Whether the client below takes requests encoded."""
        return self._inner.takes_body

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation, as often as it takes and is allowed; the last outcome stands."""
        self.budget.note_request()
        if request.is_mutation:
            return await self._inner.execute(request)
        return await self.go_on(request, await self._attempt(request))

    async def go_on(self, request: SubgraphRequest, outcome: Outcome) -> SubgraphResponse:
        """Makes what further attempts a query may have after the outcome of its first."""
        attempt = 1
        while attempt < self._config.attempts_max:
            pause_s = self._pause_after(outcome, attempt, request.scope)
            if pause_s is None:
                break
            await asyncio.sleep(pause_s)
            outcome = await self._attempt(request)
            attempt += 1
        if isinstance(outcome, SubgraphError):
            raise outcome
        return outcome

    async def _attempt(self, request: SubgraphRequest) -> Outcome:
        try:
            return await self._inner.execute(request)
        except SubgraphError as error:
            return error

    def _pause_after(self, outcome: Outcome, attempt: int, scope: RequestScope) -> float | None:
        """Returns how long to wait before another attempt, None when the outcome stands."""
        if isinstance(outcome, SubgraphError):
            if not self._may_pass(outcome):
                return None
            fault = outcome.fault or SubgraphFault.STATUS
        elif outcome.http_status in self._statuses:
            fault = SubgraphFault.STATUS
        else:
            return None
        pause_s = self._pause_s(attempt, outcome.headers, scope)
        if pause_s is not None:
            self._events.retried(self._name, fault)
        return pause_s

    async def close(self) -> None:
        """Closes the client below."""
        await self._inner.close()

    def _may_pass(self, error: SubgraphError) -> bool:
        if error.fault is SubgraphFault.STATUS:
            return error.http_status in self._statuses
        return error.fault in self._faults

    def _pause_s(self, attempt: int, headers: Mapping[str, str], scope: RequestScope) -> float | None:
        """Returns how long to wait before the next attempt, None when there shall be none."""
        config = self._config
        longest_ms = min(config.backoff_ms * 2 ** (attempt - 1), config.backoff_ms_max)
        pause_s = self._draw() * longest_ms / 1000
        asked_s = read_retry_after(headers)
        if asked_s is not None:
            if asked_s * 1000 > config.retry_after_ms_max:
                return None
            pause_s += asked_s
        deadline_at = scope.deadline_at
        if deadline_at is not None and asyncio.get_running_loop().time() + pause_s >= deadline_at:
            return None
        if not self.budget.take():
            self._events.retry_budget_spent(self._name)
            return None
        return pause_s


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Returns the seconds of a Retry-After header, in either of its forms (RFC 9110, section 10.2.3).

    A date is read against the Date of the same response, so that two clocks need not agree.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    until = _read_date(value)
    if until is None:
        return None
    now = _read_date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _read_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the latter for a year that no calendar has
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
