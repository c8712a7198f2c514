"""Putting notifications into their recipients' inboxes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.events.outbox import record_events
from subgraphs.notifications.events import NotificationReceived
from subgraphs.notifications.model.inbox_queries import insert_inbox_items
from subgraphs.notifications.model.tables import NotificationRow
from subgraphs.notifications.service.templates.platform_texts import write_in_every_language


async def put_in_inbox(
    session: AsyncSession, notifications: Sequence[NotificationRow], now: datetime
) -> None:
    """Makes an inbox item of each, and its event; what lies there already stays as it is.

    Delivery calls it for IN_APP messages that fall due later than their notification was made.
    """
    if not notifications:
        return
    items = []
    for row in notifications:
        title, body = write_in_every_language(row.workflow, row.payload)
        items.append(
            {
                "notification_id": row.id,
                "user_id": row.user_id,
                "organization_id": row.organization_id,
                "workflow": row.workflow,
                "topic": row.topic,
                "critical": row.critical,
                "title": title,
                "body": body,
                "cause": row.cause,
                "created_at": now,
                "updated_at": now,
            }
        )
    new = await insert_inbox_items(session, items)
    events = [
        NotificationReceived(
            subject=str(row.id),
            occurred_at=now,
            organization_id=row.organization_id,
            user_id=row.user_id,
            topic=row.topic.value,
            workflow=row.workflow,
        )
        for row in notifications
        if row.id in new
    ]
    await record_events(session, *events)
