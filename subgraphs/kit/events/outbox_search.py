"""Looking into an outbox, and sending from it once more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.tables import OutboxEventRow


class OutboxRowState(StrEnum):
    """Where a row stands: not yet published, tried in vain, given up, or published."""

    waiting = "waiting"
    retrying = "retrying"
    poisoned = "poisoned"
    published = "published"


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    """Which rows are meant; what is None does not matter."""

    state: OutboxRowState | None = None
    type: str | None = None
    subject: str | None = None
    since: datetime | None = None
    ids: Collection[UUID] | None = None


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """One row, to be looked at."""

    id: UUID
    type: str
    subject: str
    occurred_at: datetime
    state: OutboxRowState
    attempts: int
    last_error: str | None
    payload: dict[str, Any]


async def find_records(session: AsyncSession, wanted: OutboxFilter, count_max: int) -> list[OutboxRecord]:
    """Returns the newest rows that are wanted."""
    statement = (
        select(OutboxEventRow)
        .where(_condition(wanted))
        .order_by(OutboxEventRow.sequence.desc())
        .limit(count_max)
    )
    return [_record_of(row) for row in (await session.execute(statement)).scalars()]


async def publish_again(session: AsyncSession, wanted: OutboxFilter) -> int:
    """Makes rows wait for the relay as if they were new, in their old order; returns how many.

    They get another edition, or the bus would take them for repetitions. A consumer that has handled one
    does nothing; one that has not, or did not exist, does.
    """
    gone = OutboxEventRow.published_at.is_not(None) | OutboxEventRow.poisoned_at.is_not(None)
    statement = (
        update(OutboxEventRow)
        .where(_condition(wanted), gone)
        .values(
            published_at=None,
            poisoned_at=None,
            next_attempt_at=None,
            last_error=None,
            attempts=0,
            edition=OutboxEventRow.edition + 1,
        )
        .returning(OutboxEventRow.id)
        .execution_options(synchronize_session=False)
    )
    count = len((await session.execute(statement)).all())
    if count:
        await session.execute(select(func.pg_notify("outbox_events", "")))
    return count


def _condition(wanted: OutboxFilter) -> ColumnElement[bool]:
    waits = OutboxEventRow.published_at.is_(None) & OutboxEventRow.poisoned_at.is_(None)
    states = {
        OutboxRowState.waiting: waits,
        OutboxRowState.retrying: waits & (OutboxEventRow.attempts > 0),
        OutboxRowState.poisoned: OutboxEventRow.poisoned_at.is_not(None),
        OutboxRowState.published: OutboxEventRow.published_at.is_not(None),
    }
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.state is not None:
        conditions.append(states[wanted.state])
    if wanted.type is not None:
        conditions.append(OutboxEventRow.type == wanted.type)
    if wanted.subject is not None:
        conditions.append(OutboxEventRow.subject == wanted.subject)
    if wanted.since is not None:
        conditions.append(OutboxEventRow.occurred_at >= wanted.since)
    if wanted.ids is not None:
        conditions.append(OutboxEventRow.id.in_(wanted.ids))
    return and_(*conditions)


def _record_of(row: OutboxEventRow) -> OutboxRecord:
    return OutboxRecord(
        id=row.id,
        type=row.type,
        subject=row.subject,
        occurred_at=row.occurred_at,
        state=_state_of(row),
        attempts=row.attempts,
        last_error=row.last_error,
        payload=row.payload,
    )


def _state_of(row: OutboxEventRow) -> OutboxRowState:
    if row.published_at is not None:
        return OutboxRowState.published
    if row.poisoned_at is not None:
        return OutboxRowState.poisoned
    return OutboxRowState.retrying if row.attempts else OutboxRowState.waiting
