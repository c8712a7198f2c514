"""Suppressing an address after a bounce or a complaint."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.events.outbox import record_event
from subgraphs.notifications.events import AddressSuppressed
from subgraphs.notifications.model.suppression_queries import suppress_address
from subgraphs.notifications.states import Channel, SuppressionReason


async def suppress(
    session: AsyncSession,
    organization_id: UUID | None,
    channel: Channel,
    address: str,
    reason: SuppressionReason,
    now: datetime,
) -> None:
    """Sees to it that nothing goes to the address any more; an event tells of it, without the address."""
    made = await suppress_address(session, organization_id, channel, address, reason, now)
    if made is not None:
        event = AddressSuppressed(
            subject=str(made),
            occurred_at=now,
            organization_id=organization_id,
            channel=channel.value,
            reason=reason.value,
        )
        await record_event(session, event)
