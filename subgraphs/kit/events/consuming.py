"""Calling one domain's handlers for what the bus has for it.

Per event: its consumers in their order, each in a transaction of its own that begins with the inbox row, each
tried again after growing pauses. Then the event is acknowledged, or buried with the reason. When the bus goes
away everything in hand is let go, and received again when it is back; the inbox knows what was done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import structlog
from pydantic import ValidationError

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.backoff import Backoff
from subgraphs.kit.events.bus import BusUnavailableError, Delivery, EventBus
from subgraphs.kit.events.cloud_event import CloudEvent
from subgraphs.kit.events.consumer import Consumer, EventContext, Subscription
from subgraphs.kit.events.ordered import OrderedWork
from subgraphs.kit.events.outbox_queries import claim_event
from subgraphs.kit.outages import is_away, is_outage
from subgraphs.kit.trace_context import tracing

FAILURE_BACKOFF = Backoff(first_s=0.5, max_s=60.0)
OUTAGE_BACKOFF = Backoff(first_s=0.2, max_s=5.0)
DRAIN_SECONDS_MAX = 20.0

log = structlog.get_logger(__name__)


class _StoppedError(Exception):
    """Told to stop while waiting for the next attempt; the event is another worker's then."""


class ConsumingService:
    """The consumers of one domain, run together."""

    def __init__(self, app: SubgraphApp, consumers: Sequence[Consumer[Any]], bus: EventBus) -> None:
        self._app = app
        self._consumers = tuple(consumers)
        self._bus = bus
        self.subscription = Subscription.of(app.name, consumers)
        self._slots = asyncio.Semaphore(app.settings.consumer_concurrency_max)
        self._stop = asyncio.Event()

    async def subscribe(self) -> None:
        """Makes the domain receive from now on; raises BusUnavailableError."""
        await self._bus.subscribe(self.subscription)

    async def run(self, stop: asyncio.Event) -> None:
        """Consumes until told to stop; what is in hand is finished, within `DRAIN_SECONDS_MAX`."""
        self._stop = stop
        failures = 0
        while not stop.is_set():
            try:
                await self.subscribe()
                window = self._app.settings.consumer_window_max
                async with self._bus.receive(self.subscription, window=window) as deliveries:
                    failures = 0
                    await self._consume(deliveries)
            except BusUnavailableError as error:
                failures += 1
                log.warning("consumers_wait", service=self._app.name, reason=str(error), failures=failures)
                await self._pause(OUTAGE_BACKOFF, failures)

    async def _consume(self, deliveries: AsyncIterator[Delivery]) -> None:
        work = OrderedWork(self._handle)
        stopping = asyncio.ensure_future(self._stop.wait())
        coming: asyncio.Future[Delivery] | None = None
        try:
            while True:
                coming = asyncio.ensure_future(anext(deliveries))
                await asyncio.wait({coming, stopping, work.failure}, return_when=asyncio.FIRST_COMPLETED)
                if work.failure.done():
                    work.failure.result()
                if stopping.done():
                    await work.end(DRAIN_SECONDS_MAX)
                    return
                delivery = coming.result()
                event = delivery.event
                # What is no event has no order to keep.
                work.add((event.topic, event.subject) if event else object(), delivery)
        finally:
            stopping.cancel()
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            await work.end(0)

    async def _handle(self, delivery: Delivery) -> None:
        reason = self._unfit(delivery)
        if reason is None and delivery.event is not None:
            try:
                reason = await self._react(delivery.event)
            except _StoppedError:
                return
        await self._end(delivery, reason)

    def _unfit(self, delivery: Delivery) -> str | None:
        if delivery.event is None:
            return "it is no CloudEvent in JSON"
        deliveries_max = self._app.settings.event_deliveries_max
        if delivery.deliveries > deliveries_max:
            return f"{self._app.name} ended {deliveries_max} times while it had this event in hand"
        return None

    async def _react(self, event: CloudEvent) -> str | None:
        """Runs every consumer of the event; returns why the first of them gave up, or None."""
        for consumer in self._consumers:
            if event.type in consumer.types:
                reason = await self._react_once(consumer, event)
                if reason is not None:
                    return f"{consumer.name}: {reason}"
        return None

    async def _react_once(self, consumer: Consumer[Any], event: CloudEvent) -> str | None:
        try:
            payload = consumer.read(event.data)
        except ValidationError as error:
            return f"the payload does not fit: {error}"
        failures = outages = 0
        while True:
            async with self._slots:
                error = await self._attempt(consumer, event, payload, failures + 1)
            if error is None:
                return None
            if is_outage(error) or await is_away(self._app.database):
                outages += 1
                await self._pause_before_retry(OUTAGE_BACKOFF, outages)
                continue
            failures += 1
            self._log_failure(consumer, event, error, failures)
            if failures >= consumer.attempts_max:
                return f"{type(error).__name__}: {error}"
            await self._pause_before_retry(FAILURE_BACKOFF, failures)

    async def _attempt(
        self, consumer: Consumer[Any], event: CloudEvent, payload: Any, attempt: int
    ) -> Exception | None:
        limit = asyncio.timeout(consumer.timeout_s)
        try:
            async with limit, self._app.database.transaction() as session:
                if await claim_event(session, consumer.name, event.id):
                    with tracing(event.trace):
                        await consumer.handle(EventContext(event, session, self._app, attempt), payload)
        except TimeoutError as error:
            return TimeoutError(f"took longer than {consumer.timeout_s:g} s") if limit.expired() else error
        except Exception as error:  # noqa: BLE001 - the edge of consuming: whatever a handler raises is tried again
            return error
        return None

    async def _end(self, delivery: Delivery, reason: str | None) -> None:
        """Acknowledges or buries; when the bus does not take it, everything in hand is received anew."""
        if reason is not None:
            kind = delivery.event.type if delivery.event else None
            log.error("event_buried", service=self._app.name, event_type=kind, reason=reason)
            await delivery.bury(reason)
        else:
            await delivery.ack()

    def _log_failure(
        self, consumer: Consumer[Any], event: CloudEvent, error: Exception, failures: int
    ) -> None:
        log.warning(
            "event_not_handled",
            service=self._app.name,
            consumer=consumer.name,
            event_id=str(event.id),
            event_type=event.type,
            failures=failures,
            exc_info=error,
        )

    async def _pause_before_retry(self, backoff: Backoff, failures: int) -> None:
        await self._pause(backoff, failures)
        if self._stop.is_set():
            raise _StoppedError

    async def _pause(self, backoff: Backoff, failures: int) -> None:
        waiting = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({waiting}, timeout=backoff.pause_s(failures))
        waiting.cancel()
