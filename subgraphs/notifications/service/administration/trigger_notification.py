"""Staff tell members or customers of their organization something, now or at a moment to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.idempotency import IdempotentRequest, once
from subgraphs.notifications.errors import NotScheduled, RecipientNotReachable, UnknownWorkflow
from subgraphs.notifications.model.message_queries import cancel_waiting
from subgraphs.notifications.model.notification_queries import (
    cancel_notifications,
    known_recipients,
    lock_notifications_of,
)
from subgraphs.notifications.service.workflows.catalogue import WORKFLOWS
from subgraphs.notifications.service.workflows.start_workflow import Start, start_workflow

RECIPIENTS_MAX = 1_000
AHEAD_MAX = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Trigger:
    """What staff ask for; `body` is the whole request, by which a repetition of its key is recognised."""

    workflow: str
    recipients: Sequence[UUID | None]
    payload: Mapping[str, Any]
    send_at: datetime | None
    idempotency_key: str
    body: Any


async def trigger_notification(
    session: AsyncSession, viewer: Viewer, organization_id: UUID, trigger: Trigger, now: datetime
) -> tuple[str, list[UUID]]:
    """Returns the key it can be called off by, and the ids of the notifications it made."""
    request = IdempotentRequest.of(viewer, "triggerNotification", trigger.idempotency_key, trigger.body)
    key = f"staff:{organization_id}:{trigger.idempotency_key}"

    async def effect() -> list[str]:
        start = await _start_of(session, organization_id, key, trigger, now)
        return [str(each) for each in await start_workflow(session, start, now)]

    return key, [UUID(each) for each in await once(session, request, effect)]


async def cancel_scheduled_notification(
    session: AsyncSession, organization_id: UUID, transaction_key: str, user_id: UUID | None, now: datetime
) -> int:
    """Returns how many messages were called off: of one recipient, or of all when none is named."""
    rows = await lock_notifications_of(session, organization_id, transaction_key, user_id)
    ids = [row.id for row in rows]
    count = await cancel_waiting(session, ids, now) if ids else 0
    if count == 0:
        raise NotScheduled("Nothing of this waits any more", field=["input", "transactionKey"])
    await cancel_notifications(session, ids, now)
    return count


async def _start_of(
    session: AsyncSession, organization_id: UUID, key: str, trigger: Trigger, now: datetime
) -> Start:
    workflow = WORKFLOWS.get(trigger.workflow)
    if workflow is None or not workflow.by_staff:
        raise UnknownWorkflow("There is no such workflow for staff to start", field=["input", "workflow"])
    if trigger.send_at is not None and not now <= trigger.send_at <= now + AHEAD_MAX:
        raise InvalidInput("The moment lies ahead, within a year", field=["input", "sendAt"])
    recipients = await _check_recipients(session, organization_id, trigger.recipients)
    return Start(
        workflow=workflow,
        transaction_key=key,
        recipients=recipients,
        payload=trigger.payload,
        organization_id=organization_id,
        due_at=trigger.send_at,
    )


async def _check_recipients(
    session: AsyncSession, organization_id: UUID, wanted: Sequence[UUID | None]
) -> list[UUID]:
    if not 0 < len(wanted) <= RECIPIENTS_MAX:
        raise InvalidInput(f"There are 1 to {RECIPIENTS_MAX} recipients", field=["input", "recipientIds"])
    ids = [each for each in wanted if each is not None]
    known = await known_recipients(session, organization_id, ids)
    for index, each in enumerate(wanted):
        if each is None or each not in known:
            raise RecipientNotReachable(
                "Only members and customers of the organization can be told something",
                field=["input", "recipientIds", str(index)],
            )
    return ids
