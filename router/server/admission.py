"""Who may run now, who waits for a turn, and who is told to come back later.

Up to the limit operations run at once. Above it they wait in a queue, first come first served, bounded in
length and in time; whoever finds it full or waits too long is answered 503 with Retry-After, before anything
is parsed. Probes and metrics never come here. Everything is counted for one process.
"""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict
from collections.abc import Iterable

import structlog

from router.config import SheddingConfig
from router.response.codes import ErrorCode
from router.server.concurrency_limit import ConcurrencyLimit
from router.server.refusal import RefusedError
from router.telemetry.catalogue import (
    ADMISSION_LIMIT,
    ADMISSION_RUNNING,
    ADMISSION_SHED,
    ADMISSION_WAITING,
    Reading,
)

_log = structlog.stdlib.get_logger("router.server")

SAMPLE_S = 0.02
_SAY_AGAIN_S = 10.0


class Admission:
    """The turns of one event loop. Whoever is let in calls `leave` when done."""

    def __init__(self, config: SheddingConfig) -> None:
        self._config = config
        lower, upper = config.min_concurrency, config.max_concurrency
        if not config.enabled:
            lower = upper = sys.maxsize
        self._limit = ConcurrencyLimit(lower, upper, config.lag_ms_target / 1000)
        self._running = 0
        self._queue: OrderedDict[asyncio.Future[bool], None] = OrderedDict()
        self._shed_total = 0
        self._is_sampling = False
        self._said_at = -_SAY_AGAIN_S

    def readings(self) -> Iterable[Reading]:
        """Returns the limit and what it did, for metrics."""
        yield Reading(ADMISSION_LIMIT, self._limit.current)
        yield Reading(ADMISSION_RUNNING, self._running)
        yield Reading(ADMISSION_WAITING, len(self._queue))
        yield Reading(ADMISSION_SHED, self._shed_total)

    def try_enter(self) -> bool:
        """Lets one operation in, unless it has to wait."""
        if self._running >= self._limit.current or self._queue:
            return False
        self._let_one_in()
        return True

    async def wait(self) -> None:
        """Lets one operation in when its turn comes; raises a 503 RefusedError when it does not in time."""
        if len(self._queue) >= self._config.queue_max:
            raise self._shed()
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        timer = loop.call_later(self._config.queue_wait_ms_max / 1000, _give_up, turn)
        self._queue[turn] = None
        try:
            is_let_in = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.leave()  # its turn came just as its client left
            raise
        finally:
            timer.cancel()
            self._queue.pop(turn, None)
        if not is_let_in:
            raise self._shed()

    def leave(self) -> None:
        """Ends one operation; its turn goes to the first who waits."""
        self._running -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._queue and self._running < self._limit.current:
            turn, _ = self._queue.popitem(last=False)
            if not turn.done():
                self._let_one_in()
                turn.set_result(True)

    def _let_one_in(self) -> None:
        self._running += 1
        if not self._is_sampling:
            self._sample_soon()

    def _shed(self) -> RefusedError:
        self._shed_total += 1
        now = asyncio.get_running_loop().time()
        if now - self._said_at >= _SAY_AGAIN_S:
            self._said_at = now
            _log.warning(
                "overloaded: requests are answered 503",
                limit=self._limit.current,
                lag_ms=round(self._limit.lag_s * 1000),
                shed_total=self._shed_total,
            )
        retry_after = (b"retry-after", str(self._config.retry_after_s).encode())
        message = "The router is overloaded: try again later"
        return RefusedError(message, ErrorCode.OVERLOADED, headers=(retry_after,))

    def _sample_soon(self) -> None:
        """Samples the lag for as long as anything runs."""
        self._is_sampling = True
        loop = asyncio.get_running_loop()
        self._limit.begin_window(loop.time())
        loop.call_later(SAMPLE_S, self._sample, loop, loop.time() + SAMPLE_S)

    def _sample(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = loop.time()
        self._limit.observe(now, max(0.0, now - due), self._running)
        self._let_in()
        if self._running:
            loop.call_later(SAMPLE_S, self._sample, loop, now + SAMPLE_S)
        else:
            self._is_sampling = False


def _give_up(turn: asyncio.Future[bool]) -> None:
    if not turn.done():
        turn.set_result(False)
