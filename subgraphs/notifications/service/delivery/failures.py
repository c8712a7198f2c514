"""Telling the others of messages that were given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.events.outbox import record_events
from subgraphs.notifications.events import DeliveryFailed
from subgraphs.notifications.model.tables import MessageRow


async def tell_failures(
    session: AsyncSession, failed: Sequence[tuple[MessageRow, str]], now: datetime
) -> None:
    """Records an event for each message, with the code it was given up for."""
    await record_events(
        session,
        *(
            DeliveryFailed(
                subject=str(message.id),
                occurred_at=now,
                organization_id=message.organization_id,
                notification_id=message.notification_id,
                user_id=message.user_id,
                workflow=message.workflow,
                topic=message.topic.value,
                channel=message.channel.value,
                code=code,
            )
            for message, code in failed
        ),
    )
