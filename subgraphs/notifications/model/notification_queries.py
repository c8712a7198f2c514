"""SQL that writes and reads notifications: each once per workflow, transaction key and recipient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.model.tables import MemberRow, NotificationRow


async def insert_notifications(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Returns the ids of those that were new; waits for a concurrent writer of the same ones to end."""
    # Sorted: two transactions that tell the same people wait for each other in one order.
    values = sorted((dict(row) for row in rows), key=lambda row: row["id"].bytes)
    statement = insert(NotificationRow).values(values).on_conflict_do_nothing().returning(NotificationRow.id)
    return set(await session.scalars(statement))


async def notifications_by_ids(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, NotificationRow]:
    """Returns the notifications, whoever asks; for use-cases that have checked who does."""
    statement = select(NotificationRow).where(NotificationRow.id.in_(ids))
    return {row.id: row for row in await session.scalars(statement)}


async def lock_notifications_of(
    session: AsyncSession, organization_id: UUID, transaction_key: str, user_id: UUID | None
) -> Sequence[NotificationRow]:
    """Returns what the organization started under the key, held until the transaction ends."""
    statement = (
        select(NotificationRow)
        .where(
            NotificationRow.organization_id == organization_id,
            NotificationRow.transaction_key == transaction_key,
        )
        .order_by(NotificationRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if user_id is not None:
        statement = statement.where(NotificationRow.user_id == user_id)
    return (await session.scalars(statement)).all()


async def cancel_notifications(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> None:
    """Marks notifications as called off."""
    statement = (
        update(NotificationRow)
        .where(NotificationRow.id.in_(ids), NotificationRow.cancelled_at.is_(None))
        .values(cancelled_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


async def known_recipients(
    session: AsyncSession, organization_id: UUID, user_ids: Sequence[UUID]
) -> set[UUID]:
    """Returns those of the users who work in the organization or were told of something by it before."""
    members = select(MemberRow.user_id).where(
        MemberRow.organization_id == organization_id,
        MemberRow.user_id.in_(user_ids),
        MemberRow.role.is_not(None),
    )
    told = select(NotificationRow.user_id).where(
        NotificationRow.organization_id == organization_id, NotificationRow.user_id.in_(user_ids)
    )
    return set(await session.scalars(members.union(told)))
