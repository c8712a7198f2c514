"""Steps that may be taken twice are taken again when the engine ends the connection in the middle of them.

An engine that is up and well still does that: RabbitMQ closes a connection with 541 INTERNAL_ERROR when it
meets a log whose leader is just starting (another process has declared it a moment ago), a load balancer
moves a connection, Redis is started anew. Whoever asked for a queue should not have to know.

Bounded: growing pauses, none begun that would end after `REPEATED_S_MAX`; and what lasts (nobody answers
there, or the engine said no) is raised at once. Callers that live on, as relays and consumers, have longer
pauses of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from subgraphs.kit.backoff import Backoff
from subgraphs.kit.events.bus import BusUnavailableError

REPEATED_S_MAX = 5.0
PAUSES = Backoff(first_s=0.05, max_s=1.0)

T = TypeVar("T")
log = structlog.get_logger(__name__)


async def repeat(step: Callable[[], Awaitable[T]]) -> T:
    """Returns what the step returns, tried anew while it raises a BusUnavailableError that may pass."""
    loop = asyncio.get_running_loop()
    end = loop.time() + REPEATED_S_MAX
    failures = 0
    while True:
        try:
            return await step()
        except BusUnavailableError as error:
            failures += 1
            pause_s = PAUSES.pause_s(failures)
            if error.is_lasting or loop.time() + pause_s > end:
                raise
            log.info("event_bus_tried_again", reason=str(error), failures=failures)
        await asyncio.sleep(pause_s)
