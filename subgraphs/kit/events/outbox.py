"""The outbox: events written in the transaction of the change; the relay publishes them afterwards."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.events.event import Event
from subgraphs.kit.tables import OutboxEventRow
from subgraphs.kit.trace_context import current_trace


async def record_events(session: AsyncSession, *events: Event) -> None:
    """Writes the events to the outbox, in the caller's transaction and in the order given."""
    if not events:
        return
    trace = current_trace()
    rows = [
        {
            "id": event.id,
            "type": event.type,
            "subject": event.subject,
            "occurred_at": event.occurred_at,
            "organization_id": event.organization_id,
            "payload": event.payload(),
            "traceparent": trace.traceparent,
            "tracestate": trace.tracestate,
        }
        for event in events
    ]
    await session.execute(insert(OutboxEventRow), rows)


async def record_event(session: AsyncSession, event: Event) -> None:
    """Writes one event to the outbox, in the caller's transaction."""
    await record_events(session, event)
