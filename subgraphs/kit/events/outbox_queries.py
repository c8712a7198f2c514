"""The SQL of the relay.

Problem: several relays empty one outbox, and events of one subject must leave it in their order.

So a relay locks *heads* only: the oldest waiting row of a subject, passing over heads that another relay has
locked. Whoever holds the head owns the subject until its transaction ends, and may take the rows behind it
along. A head that waits for its next attempt holds back what is behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.tables import OutboxEventRow

ERROR_LENGTH_MAX = 2_000

_waiting = OutboxEventRow.published_at.is_(None) & OutboxEventRow.poisoned_at.is_(None)


# In words that leave the planner no other way: told as NOT EXISTS (an earlier row), it compared every waiting
# row with every other while the table had no statistics, and a round of 500 took seconds.
_CLAIM = """
WITH looked_at AS MATERIALIZED (
  SELECT id, subject, sequence, next_attempt_at FROM outbox_events
  WHERE published_at IS NULL AND poisoned_at IS NULL ORDER BY sequence LIMIT :looked_at_max
), heads AS MATERIALIZED (
  SELECT DISTINCT ON (subject) id, sequence, next_attempt_at FROM looked_at ORDER BY subject, sequence
), locked AS MATERIALIZED (
  SELECT o.subject FROM outbox_events o JOIN heads ON heads.id = o.id
  WHERE o.published_at IS NULL AND o.poisoned_at IS NULL
    AND (heads.next_attempt_at IS NULL OR heads.next_attempt_at <= now())
  ORDER BY heads.sequence LIMIT :subjects_max FOR UPDATE OF o SKIP LOCKED
)
SELECT o.* FROM locked JOIN looked_at ON looked_at.subject = locked.subject
  JOIN outbox_events o ON o.id = looked_at.id
ORDER BY o.sequence LIMIT :count_max
"""


async def claim_waiting(
    session: AsyncSession, *, looked_at_max: int | None, subjects_max: int, count_max: int
) -> list[OutboxEventRow]:
    """Locks and returns the next rows to publish, in their order; the locks end with the transaction.

    Only the first `looked_at_max` waiting rows are looked at, so that a round costs the same behind a long
    queue; all of them when it is None.
    """
    statement = select(OutboxEventRow).from_statement(text(_CLAIM))
    bounds = {"looked_at_max": looked_at_max, "subjects_max": subjects_max, "count_max": count_max}
    return list((await session.execute(statement, bounds)).scalars())


async def mark_published(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Writes down that these have been published."""
    await session.execute(
        update(OutboxEventRow)
        .where(OutboxEventRow.id.in_(ids))
        .values(published_at=func.clock_timestamp(), next_attempt_at=None, last_error=None)
        .execution_options(synchronize_session=False)
    )


async def mark_failed(session: AsyncSession, row_id: UUID, reason: str, pause_s: float | None) -> None:
    """Writes down why one could not be published and when to try again; never again without a pause."""
    values = {"attempts": OutboxEventRow.attempts + 1, "last_error": reason[:ERROR_LENGTH_MAX]}
    if pause_s is None:
        values["poisoned_at"] = func.clock_timestamp()
    else:
        values["next_attempt_at"] = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, pause_s)
    await session.execute(
        update(OutboxEventRow)
        .where(OutboxEventRow.id == row_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How an outbox stands; `oldest_at` is when the oldest waiting event was recorded."""

    waiting: int
    retrying: int
    poisoned: int
    oldest_at: datetime | None


async def outbox_state(session: AsyncSession) -> OutboxState:
    """Counts what waits, what waits because it failed, and what was given up."""
    retrying = OutboxEventRow.attempts > 0
    counted = select(
        func.count().filter(_waiting),
        func.count().filter(_waiting & retrying),
        func.count().filter(OutboxEventRow.poisoned_at.is_not(None)),
        func.min(OutboxEventRow.occurred_at).filter(_waiting),
    ).where(OutboxEventRow.published_at.is_(None))
    waiting, failed, poisoned, oldest_at = (await session.execute(counted)).one()
    return OutboxState(waiting, failed, poisoned, oldest_at)


async def delete_published_before(session: AsyncSession, moment: datetime, count_max: int) -> int:
    """Deletes a batch of published rows from before the moment and returns how many."""
    old = (
        select(OutboxEventRow.id)
        .where(OutboxEventRow.published_at < moment)
        .limit(count_max)
        .with_for_update(skip_locked=True)
    )
    found = await session.execute(
        delete(OutboxEventRow)
        .where(OutboxEventRow.id.in_(old))
        .returning(OutboxEventRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


async def delete_handled_before(session: AsyncSession, moment: datetime, count_max: int) -> int:
    """Forgets a batch of handled events from before the moment and returns how many."""
    statement = text(
        "DELETE FROM inbox_events WHERE ctid IN (SELECT ctid FROM inbox_events"
        " WHERE handled_at < :moment LIMIT :count_max FOR UPDATE SKIP LOCKED) RETURNING 1"
    )
    return len((await session.execute(statement, {"moment": moment, "count_max": count_max})).all())


async def claim_event(session: AsyncSession, consumer: str, event_id: UUID) -> bool:
    """Writes the event into the inbox; says False when the consumer has handled it before.

    Where another transaction has just written the same, this one waits for its end.
    """
    from_inbox = text(
        "INSERT INTO inbox_events (consumer, event_id) VALUES (:consumer, :event_id)"
        " ON CONFLICT DO NOTHING RETURNING 1"
    )
    claimed = await session.execute(from_inbox, {"consumer": consumer, "event_id": event_id})
    return claimed.one_or_none() is not None
