"""The relay of one domain: from its outbox to the bus, in order per subject, at least once.

Each round first turns new audit entries into events, then takes a batch in one transaction, publishes it, and
marks it published; a crash in between publishes it again, which the bus and the consumers bear. Any number of
relays may work side by side.

A row that cannot be published for a reason of its own (its payload is not what the schema says) is tried
again after growing pauses, for another version of the code may know better, holding back its subject's later
rows; after `ATTEMPTS_MAX` tries it is poisoned: put aside, visible in `zellige events list`, and passed over.
A bus or database that is away costs no attempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.audit.announcing import announce_entries
from subgraphs.kit.backoff import Backoff
from subgraphs.kit.database import Database
from subgraphs.kit.events.bus import BusUnavailableError, EventBus, Publication
from subgraphs.kit.events.cloud_event import CloudEvent, source_of
from subgraphs.kit.events.outbox_queries import claim_waiting, mark_failed, mark_published
from subgraphs.kit.events.schemas import EventSchemas, UnknownEventTypeError
from subgraphs.kit.events.wake import OutboxWake
from subgraphs.kit.jobs.queue import JobQueue
from subgraphs.kit.jobs.request import JOB_REQUESTED, enqueue_requested
from subgraphs.kit.tables import OutboxEventRow
from subgraphs.kit.trace_context import TraceContext

SUBJECTS_MAX = 200
BATCH_MAX = 500
LOOKED_AT_MAX = 2_000
FULL_LOOK_S = 5.0
EVENT_BYTES_MAX = 256_000
ATTEMPTS_MAX = 10
POLL_S = 1.0
OUTAGE_BACKOFF = Backoff(first_s=0.2, max_s=5.0)
ROW_BACKOFF = Backoff(first_s=1.0, max_s=300.0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Fault:
    """A row that cannot be published, and why."""

    row: OutboxEventRow
    reason: str

    @property
    def pause_s(self) -> float | None:
        """How long until the next try; None when there is none."""
        failures = self.row.attempts + 1
        return ROW_BACKOFF.pause_s(failures) if failures < ATTEMPTS_MAX else None


class Relay:
    """Publishes what one domain's outbox holds."""

    def __init__(
        self,
        domain: str,
        database: Database,
        schemas: EventSchemas,
        bus: EventBus,
        jobs: JobQueue | None = None,
    ) -> None:
        self._jobs = jobs
        self._next_full_look = 0.0
        self._source = source_of(domain)
        self._domain = domain
        self._database = database
        self._schemas = schemas
        self._bus = bus

    async def run(self, stop: asyncio.Event) -> None:
        """Publishes until told to stop; a batch in hand is finished."""
        wake = OutboxWake(self._database.url)
        stopping = asyncio.create_task(_wake_at(stop, wake))
        failures = 0
        try:
            while not stop.is_set():
                await wake.listen()
                try:
                    published = await self.publish_batch()
                except (BusUnavailableError, SQLAlchemyError, RedisError, OSError) as error:
                    failures += 1
                    log.warning("relay_waits", domain=self._domain, reason=str(error), failures=failures)
                    await wake.wait(OUTAGE_BACKOFF.pause_s(failures))
                    continue
                failures = 0
                if published == 0:
                    await wake.wait(POLL_S)
        finally:
            stopping.cancel()
            await wake.close()

    async def publish_batch(self) -> int:
        """Publishes the next events and returns how many rows it has dealt with, 0 when there were none."""
        async with self._database.transaction() as session:
            # Apart from the rest, which waits for the bus: calls to be audited wait for these rows.
            await announce_entries(session)
        async with self._database.transaction() as session:
            rows = await self._claim(session)
            if not rows:
                return 0
            requested = await self._hand_over_jobs(rows)
            publications, faults = self._read([row for row in rows if row.type != JOB_REQUESTED])
            refused = await self._bus.publish(publications)
            by_id = {row.id: row for row in rows}
            faults += [_Fault(by_id[event_id], reason) for event_id, reason in refused.items()]
            sent = requested + [each.event.id for each in publications if each.event.id not in refused]
            await mark_published(session, sent)
            await self._write_down(session, faults)
            return len(sent) + len(faults)

    async def _claim(self, session: AsyncSession) -> list[OutboxEventRow]:
        bounds = {"subjects_max": SUBJECTS_MAX, "count_max": BATCH_MAX}
        rows = await claim_waiting(session, looked_at_max=LOOKED_AT_MAX, **bounds)
        now = asyncio.get_running_loop().time()
        if rows or now < self._next_full_look:
            return rows
        # Subjects that wait for their next try, or for another relay, may fill all we look at.
        self._next_full_look = now + FULL_LOOK_S
        return await claim_waiting(session, looked_at_max=None, **bounds)

    async def _hand_over_jobs(self, rows: Sequence[OutboxEventRow]) -> list[UUID]:
        requests = [row for row in rows if row.type == JOB_REQUESTED]
        for row in requests:
            assert self._jobs is not None, "a relay without a queue has no domain that requests jobs"
            await enqueue_requested(self._jobs, row.payload)
        return [row.id for row in requests]

    def _read(self, rows: Sequence[OutboxEventRow]) -> tuple[list[Publication], list[_Fault]]:
        publications: list[Publication] = []
        faults: list[_Fault] = []
        held_back: set[str] = set()
        for row in rows:
            if row.subject in held_back:
                continue
            event = _event_of(row, self._source)
            reason = self._fault_in(row, event)
            if reason is None:
                publications.append(Publication(event, row.edition))
            else:
                faults.append(_Fault(row, reason))
                held_back.add(row.subject)
        return publications, faults

    def _fault_in(self, row: OutboxEventRow, event: CloudEvent) -> str | None:
        try:
            reason = self._schemas.fault_in(row.type, row.payload)
        except UnknownEventTypeError as error:
            return str(error)
        if reason is None and len(event.to_json()) > EVENT_BYTES_MAX:
            return f"the event is larger than {EVENT_BYTES_MAX} bytes"
        return reason

    async def _write_down(self, session: AsyncSession, faults: Sequence[_Fault]) -> None:
        for fault in faults:
            pause_s = fault.pause_s
            log.error(
                "event_not_published" if pause_s is not None else "event_poisoned",
                domain=self._domain,
                event_id=str(fault.row.id),
                event_type=fault.row.type,
                reason=fault.reason,
            )
            await mark_failed(session, fault.row.id, fault.reason, pause_s)


def _event_of(row: OutboxEventRow, source: str) -> CloudEvent:
    return CloudEvent(
        id=row.id,
        source=source,
        type=row.type,
        subject=row.subject,
        time=row.occurred_at,
        data=row.payload,
        tenant=row.organization_id,
        trace=TraceContext(row.traceparent, row.tracestate),
    )


async def _wake_at(stop: asyncio.Event, wake: OutboxWake) -> None:
    await stop.wait()
    wake.wake()
