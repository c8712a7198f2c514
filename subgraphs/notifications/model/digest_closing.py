"""SQL that closes digests whose window has ended, and reads what is in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.notifications.model.tables import DigestRow, MessageRow, MessageTransitionRow
from subgraphs.notifications.states import DigestState, MessageState

DIGESTED = "DIGESTED"
"""The code of a message that another one of its digest tells along."""


async def close_ended(session: AsyncSession, now: datetime, limit: int) -> Sequence[UUID]:
    """Returns digests that were open and whose window has ended, closed; each for one caller only.

    Who joins one holds its row, so nothing joins a digest that is closed here.
    """
    ended = (
        select(DigestRow.id)
        .where(DigestRow.state == DigestState.OPEN, DigestRow.window_ends_at <= now)
        .order_by(DigestRow.window_ends_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(ended)).all()
    if ids:
        await session.execute(
            update(DigestRow)
            .where(DigestRow.id.in_(ids))
            .values(state=DigestState.CLOSED, updated_at=func.now())
            .execution_options(synchronize_session=False)
        )
    return ids


async def gather_digests(session: AsyncSession, digest_ids: Sequence[UUID], now: datetime) -> int:
    """Lets the first message of each digest speak for the others, and returns how many those are."""
    waiting = (MessageRow.digest_id.in_(digest_ids), MessageRow.state == MessageState.PENDING)
    first = (
        select(MessageRow.id)
        .ext(distinct_on(MessageRow.digest_id))
        .where(*waiting)
        .order_by(MessageRow.digest_id, MessageRow.created_at, MessageRow.id)
    )
    statement = (
        update(MessageRow)
        .where(*waiting, MessageRow.id.not_in(first))
        .values(state=MessageState.SKIPPED, last_error=DIGESTED, updated_at=func.now())
        .returning(MessageRow.id)
        .execution_options(synchronize_session=False)
    )
    others = (await session.scalars(statement)).all()
    if others:
        entries = [
            {
                "id": new_id(),
                "message_id": each,
                "state_before": MessageState.PENDING,
                "state_after": MessageState.SKIPPED,
                "code": DIGESTED,
                "occurred_at": now,
            }
            for each in others
        ]
        await session.execute(insert(MessageTransitionRow), entries)
    return len(others)


async def notifications_in_digests(
    session: AsyncSession, digest_ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[UUID]]:
    """Returns the notifications each digest tells of, in the order they came."""
    statement = (
        select(MessageRow.digest_id, MessageRow.notification_id)
        .where(
            MessageRow.digest_id.in_(set(digest_ids)),
            or_(
                MessageRow.state == MessageState.SENDING,
                (MessageRow.state == MessageState.SKIPPED) & (MessageRow.last_error == DIGESTED),
            ),
        )
        .order_by(MessageRow.created_at, MessageRow.id)
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for digest_id, notification_id in await session.execute(statement):
        assert digest_id is not None, "those of no digest are left out"
        found[digest_id].append(notification_id)
    return found
