"""SQL over messages: how they begin, how they are called off, and the log of what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.kit.pagination.keyset import Keyset, SortKey
from subgraphs.notifications.model.tables import MessageRow, MessageTransitionRow, NotificationRow
from subgraphs.notifications.states import MessageState

NEWEST_FIRST = Keyset(
    [
        SortKey("created_at", MessageRow.created_at, descending=True),
        SortKey("id", MessageRow.id, descending=True),
    ]
)


async def insert_messages(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]], codes: Mapping[UUID, str], now: datetime
) -> None:
    """Writes new messages, each with the first entry of its log; `codes` say why, by the message's id."""
    if not rows:
        return
    # With its NULLs each row names the same columns: one statement for all of them.
    together = {"render_nulls": True}
    await session.execute(insert(MessageRow), [dict(row) for row in rows], execution_options=together)
    entries = [
        {
            "id": new_id(),
            "message_id": row["id"],
            "state_before": None,
            "state_after": row["state"],
            "code": codes.get(row["id"]),
            "occurred_at": now,
        }
        for row in rows
    ]
    await session.execute(insert(MessageTransitionRow), entries, execution_options=together)


async def cancel_waiting(session: AsyncSession, notification_ids: Sequence[UUID], now: datetime) -> int:
    """Calls off what still waits of the notifications and returns how many messages that were.

    What a worker holds is left alone: it looks at the notification again before it sends.
    """
    return await _cancel(session, MessageRow.notification_id.in_(notification_ids), now)


async def cancel_waiting_for_user(session: AsyncSession, user_id: UUID, now: datetime) -> int:
    """Calls off what still waits for a user and returns how many messages that were."""
    return await _cancel(session, MessageRow.user_id == user_id, now)


async def cancel_waiting_for_cause(
    session: AsyncSession, cause: str, workflows: Sequence[str], now: datetime
) -> Sequence[UUID]:
    """Calls off what still waits of a cause that disappeared; returns the notifications concerned."""
    found = select(NotificationRow.id).where(
        NotificationRow.cause == cause, NotificationRow.workflow.in_(workflows)
    )
    ids = (await session.scalars(found)).all()
    if ids:
        await _cancel(session, MessageRow.notification_id.in_(ids), now)
    return ids


async def _cancel(session: AsyncSession, which: ColumnElement[bool], now: datetime) -> int:
    statement = (
        update(MessageRow)
        .where(which, MessageRow.state == MessageState.PENDING)
        .values(state=MessageState.CANCELLED)
        .returning(MessageRow.id)
        .execution_options(synchronize_session=False)
    )
    cancelled = (await session.scalars(statement)).all()
    if cancelled:
        entries = [
            {
                "id": new_id(),
                "message_id": each,
                "state_before": MessageState.PENDING,
                "state_after": MessageState.CANCELLED,
                "code": "CANCELLED",
                "occurred_at": now,
            }
            for each in cancelled
        ]
        await session.execute(insert(MessageTransitionRow), entries)
    return len(cancelled)


def messages_of_organization(organization_id: UUID) -> Select[MessageRow]:
    """Returns the statement of the organization's messages."""
    return select(MessageRow).where(MessageRow.organization_id == organization_id)


async def transitions_by_messages(
    session: AsyncSession, message_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[MessageTransitionRow]]:
    """Returns the steps each message took, in order."""
    statement = (
        select(MessageTransitionRow)
        .where(MessageTransitionRow.message_id.in_(message_ids))
        .order_by(MessageTransitionRow.sequence)
    )
    found: dict[UUID, list[MessageTransitionRow]] = defaultdict(list)
    for row in await session.scalars(statement):
        found[row.message_id].append(row)
    return found
