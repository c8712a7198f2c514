"""Domain events: written to the outbox in the transaction of the change; the relay publishes them after."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.kit.tables import OutboxEventRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. Subclasses are named in the past tense, set `type` and add their own fields.

    The envelope follows CloudEvents: `subject` is the id of the aggregate it happened to.
    """

    type: ClassVar[str]

    subject: str
    occurred_at: datetime
    organization_id: UUID | None = None
    id: UUID = field(default_factory=new_id)

    def payload(self) -> dict[str, Any]:
        """Returns the subclass's own fields as JSON values; ids, dates and decimals become text."""
        envelope = {each.name for each in fields(Event)}
        return {
            each.name: _to_json(getattr(self, each.name))
            for each in fields(self)
            if each.name not in envelope
        }


def _to_json(value: Any) -> Any:
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): _to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_to_json(item) for item in value]
    return value


async def record_events(session: AsyncSession, *events: Event) -> None:
    """Writes the events to the outbox, in the caller's transaction and in the order given."""
    if not events:
        return
    rows = [
        {
            "id": event.id,
            "type": event.type,
            "subject": event.subject,
            "occurred_at": event.occurred_at,
            "organization_id": event.organization_id,
            "payload": event.payload(),
        }
        for event in events
    ]
    await session.execute(insert(OutboxEventRow), rows)


async def record_event(session: AsyncSession, event: Event) -> None:
    """Writes one event to the outbox, in the caller's transaction."""
    await record_events(session, event)
