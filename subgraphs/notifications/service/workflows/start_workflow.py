"""Starting a workflow: what each recipient is told, written once, whoever asks how often.

Steps, in the caller's transaction:
1. The payload is held against the variables the workflow's template declares.
2. A notification per recipient is inserted under an id made of workflow, transaction key and recipient;
   who has it already is left out of everything that follows.
3. For each step of the workflow and each new notification a message: DELIVERED for an inbox item that is
   due now, SKIPPED where the recipient does not want it, else PENDING at its moment or its digest's end.
4. The inbox items that are due now, each with its event for live feeds.

Statements: the same number for any number of recipients up to `BATCH_SIZE`, then once more per batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.locales import Locale
from subgraphs.notifications.errors import InvalidPayload
from subgraphs.notifications.model.digest_queries import join_digests
from subgraphs.notifications.model.message_queries import insert_messages
from subgraphs.notifications.model.notification_queries import insert_notifications, notifications_by_ids
from subgraphs.notifications.model.people_queries import contacts_by_users
from subgraphs.notifications.model.preference_queries import choices_by_users
from subgraphs.notifications.model.tables import NotificationRow
from subgraphs.notifications.service.inbox.put_in_inbox import put_in_inbox
from subgraphs.notifications.service.preferences.choices import wants
from subgraphs.notifications.service.templates.checking import variables_fault
from subgraphs.notifications.service.templates.platform_texts import platform_templates
from subgraphs.notifications.service.workflows.workflow import Step, Workflow
from subgraphs.notifications.states import Channel, MessageState

BATCH_SIZE = 500
PREFERENCE_OFF = "PREFERENCE_OFF"

_NAMESPACE = UUID("6f0d2f3e-5f0b-5d8e-9f53-6e2f6c0a7d11")
_LOCALE_DEFAULT = Locale.FR


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What starts a workflow. `locale` is for recipients whose own language is not known."""

    workflow: Workflow
    transaction_key: str
    recipients: Sequence[UUID]
    payload: Mapping[str, Any] = field(default_factory=dict)
    organization_id: UUID | None = None
    cause: str | None = None
    due_at: datetime | None = None
    locale: Locale = _LOCALE_DEFAULT


def _check_payload(start: Start) -> None:
    declared = platform_templates()[start.workflow.key].variables
    fault = variables_fault(declared, start.payload)
    if fault is not None:
        raise InvalidPayload(fault, field=["input", "variables"])


def notification_id(workflow: Workflow, transaction_key: str, user_id: UUID) -> UUID:
    """Returns the one id a notification of these three can have."""
    return uuid5(_NAMESPACE, "\x1f".join((workflow.key, transaction_key, str(user_id))))


async def start_workflow(session: AsyncSession, start: Start, now: datetime) -> list[UUID]:
    """Returns the ids of the notifications that are new, in the order of the recipients."""
    _check_payload(start)
    recipients = list(dict.fromkeys(start.recipients))
    new: list[UUID] = []
    for batch in _batches(recipients):
        rows = await _write_notifications(session, start, batch, now)
        if rows:
            await _write_messages(session, start.workflow, rows, now)
        new += [row.id for row in rows]
    return new


async def _write_notifications(
    session: AsyncSession, start: Start, recipients: Sequence[UUID], now: datetime
) -> list[NotificationRow]:
    contacts = await contacts_by_users(session, recipients)
    locales = {each: contacts[each].locale if each in contacts else start.locale for each in recipients}
    ids = {notification_id(start.workflow, start.transaction_key, each): each for each in recipients}
    rows = [
        {
            "id": id_,
            "organization_id": start.organization_id,
            "user_id": user_id,
            "workflow": start.workflow.key,
            "transaction_key": start.transaction_key,
            "topic": start.workflow.topic,
            "critical": start.workflow.is_critical,
            "payload": dict(start.payload),
            "locale": locales[user_id],
            "cause": start.cause,
            "due_at": max(start.due_at or now, now),
            "created_at": now,
        }
        for id_, user_id in ids.items()
    ]
    new = await insert_notifications(session, rows)
    found = await notifications_by_ids(session, [id_ for id_ in ids if id_ in new]) if new else {}
    return [found[id_] for id_ in ids if id_ in found]


async def _write_messages(
    session: AsyncSession, workflow: Workflow, rows: Sequence[NotificationRow], now: datetime
) -> None:
    chosen = await choices_by_users(session, [row.user_id for row in rows])
    messages: list[dict[str, Any]] = []
    codes: dict[UUID, str] = {}
    shown: list[NotificationRow] = []
    for index, step in enumerate(workflow.steps):
        wanted = [row for row in rows if wants(chosen.get(row.user_id, {}), step.channel, row.topic)]
        wanted_ids = {row.id for row in wanted}
        digests = await _join(session, workflow, step, wanted)
        for row in rows:
            message = _message(row, step, index)
            if row.id not in wanted_ids:
                message["state"] = MessageState.SKIPPED
                codes[message["id"]] = message["last_error"] = PREFERENCE_OFF
            elif step.channel is Channel.IN_APP and message["due_at"] <= now:
                message |= {"state": MessageState.DELIVERED, "sent_at": now, "delivered_at": now}
                shown.append(row)
            elif row.user_id in digests:
                message["digest_id"], message["due_at"] = digests[row.user_id]
            messages.append(message)
    await insert_messages(session, messages, codes, now)
    await put_in_inbox(session, shown, now)


def _message(row: NotificationRow, step: Step, index: int) -> dict[str, Any]:
    return {
        "id": uuid5(row.id, f"{step.channel.value}/{index}"),
        "notification_id": row.id,
        "organization_id": row.organization_id,
        "user_id": row.user_id,
        "channel": step.channel,
        "step": index,
        "workflow": row.workflow,
        "topic": row.topic,
        "critical": row.critical,
        "state": MessageState.PENDING,
        "due_at": row.due_at + timedelta(seconds=step.delay_s),
        "attempts": 0,
        "last_error": None,
        "digest_id": None,
        "sent_at": None,
        "delivered_at": None,
        "created_at": row.created_at,
    }


async def _join(
    session: AsyncSession, workflow: Workflow, step: Step, rows: Sequence[NotificationRow]
) -> Mapping[UUID, tuple[UUID, datetime]]:
    """Returns the open digest of each recipient, for a step that has digests."""
    if step.digest_window_s is None or not rows:
        return {}
    first = rows[0]
    key = f"{workflow.key}:{first.organization_id}" if first.organization_id is not None else workflow.key
    due_at = first.due_at + timedelta(seconds=step.delay_s)
    # Windows stand on the clock, not on the first event: two events at once cannot open two of them.
    begins_s = int(due_at.timestamp()) // step.digest_window_s * step.digest_window_s
    window = datetime.fromtimestamp(begins_s, tz=due_at.tzinfo), timedelta(seconds=step.digest_window_s)
    users = [row.user_id for row in rows]
    return await join_digests(session, users, step.channel, key, window, first.organization_id)


def _batches(recipients: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for begin in range(0, len(recipients), BATCH_SIZE):
        yield recipients[begin : begin + BATCH_SIZE]
