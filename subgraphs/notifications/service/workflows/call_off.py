"""Calling off what has not been sent yet, because its cause disappeared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.model.message_queries import cancel_waiting_for_cause
from subgraphs.notifications.model.notification_queries import cancel_notifications
from subgraphs.notifications.service.workflows.workflow import Workflow


async def call_off(session: AsyncSession, cause: str, workflows: Sequence[Workflow], now: datetime) -> None:
    """Cancels what waits of these workflows for the cause; what was sent or shown stays."""
    ids = await cancel_waiting_for_cause(session, cause, [each.key for each in workflows], now)
    if ids:
        await cancel_notifications(session, ids, now)
