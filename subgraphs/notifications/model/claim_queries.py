"""SQL that gives due messages to one worker, and takes them on from there while they are still its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    column,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
    values,
)
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.notifications.model.tables import DigestRow, MessageRow, MessageTransitionRow
from subgraphs.notifications.states import MESSAGE_STEPS, DigestState, MessageState

LEASE_LOST = "LEASE_LOST"


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose messages are, and until when."""

    id: UUID
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where a claimed message goes. What is None stays as it is, the provider and the error excepted."""

    message_id: UUID
    state: MessageState
    code: str | None = None
    due_at: datetime | None = None
    slot_at: datetime | None = None
    provider: str | None = None
    provider_message_id: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    is_attempt: bool = True
    """Whether what happened counts among the attempts; waiting for a better hour does not."""


async def claim_due(session: AsyncSession, claim: Claim, batch_max: int) -> Sequence[MessageRow]:
    """Returns messages that are due, from now on the claim's alone; others' locked rows are passed over.

    Those whose worker went silent come first. Messages of a digest wait until it is closed.
    """
    lost = await _lock(
        session,
        and_(MessageRow.state == MessageState.SENDING, MessageRow.claimed_until < claim.now),
        MessageRow.claimed_until,
        batch_max,
    )
    in_open_digest = exists().where(DigestRow.id == MessageRow.digest_id, DigestRow.state == DigestState.OPEN)
    waiting = await _lock(
        session,
        and_(
            MessageRow.state == MessageState.PENDING,
            MessageRow.due_at <= claim.now,
            or_(MessageRow.digest_id.is_(None), ~in_open_digest),
        ),
        MessageRow.due_at,
        batch_max - len(lost),
    )
    ids = [*lost, *waiting]
    if not ids:
        return []
    await _log(
        session,
        [
            *(
                _entry(each, MessageState.SENDING, MessageState.SENDING, LEASE_LOST, None, claim.now)
                for each in lost
            ),
            *(
                _entry(each, MessageState.PENDING, MessageState.SENDING, None, None, claim.now)
                for each in waiting
            ),
        ],
    )
    statement = (
        update(MessageRow)
        .where(MessageRow.id.in_(ids))
        .values(
            state=MessageState.SENDING,
            claim=claim.id,
            claimed_until=claim.until,
            attempts=MessageRow.attempts + 1,
            updated_at=func.now(),
        )
        .returning(MessageRow)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    return (await session.scalars(statement)).all()


async def renew_claim(
    session: AsyncSession, message_id: UUID, claim_id: UUID, provider: str, until: datetime
) -> bool:
    """Notes whom a message is about to be handed to; returns whether it is still the claim's."""
    statement = (
        update(MessageRow)
        .where(MessageRow.id == message_id, MessageRow.claim == claim_id)
        .values(provider=provider, claimed_until=until)
        .returning(MessageRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def move_claimed(
    session: AsyncSession, claim_id: UUID, moves: Sequence[Move], now: datetime
) -> set[UUID]:
    """Takes messages on and gives up their claims; returns those that were still the claim's."""
    if not moves:
        return set()
    for move in moves:
        assert (MessageState.SENDING, move.state) in MESSAGE_STEPS, (
            f"nothing goes from SENDING to {move.state}"
        )
    rows = _rows_of(moves)
    statement = (
        update(MessageRow)
        .where(MessageRow.id == rows.c.id, MessageRow.claim == claim_id)
        .values(
            state=rows.c.state,
            last_error=rows.c.code,
            provider=rows.c.provider,
            provider_message_id=rows.c.provider_message_id,
            due_at=func.coalesce(rows.c.due_at, MessageRow.due_at),
            slot_at=func.coalesce(rows.c.slot_at, MessageRow.slot_at),
            sent_at=func.coalesce(rows.c.sent_at, MessageRow.sent_at),
            delivered_at=func.coalesce(rows.c.delivered_at, MessageRow.delivered_at),
            attempts=MessageRow.attempts - rows.c.waited,
            claim=None,
            claimed_until=None,
            updated_at=func.now(),
        )
        .returning(MessageRow.id)
        .execution_options(synchronize_session=False)
    )
    moved = set(await session.scalars(statement))
    await _log(
        session,
        [
            _entry(each.message_id, MessageState.SENDING, each.state, each.code, each.provider, now)
            for each in moves
            if each.message_id in moved
        ],
    )
    return moved


def _rows_of(moves: Sequence[Move]) -> Any:
    moment = DateTime(timezone=True)
    return values(
        column("id", Uuid()),
        column("state", MessageRow.state.type),
        column("code", Text()),
        column("provider", Text()),
        column("provider_message_id", Text()),
        column("due_at", moment),
        column("slot_at", moment),
        column("sent_at", moment),
        column("delivered_at", moment),
        column("waited", Integer()),
        name="moves",
    ).data(
        [
            (
                literal(each.message_id, Uuid()),
                each.state,
                literal(each.code, Text()),
                literal(each.provider, Text()),
                literal(each.provider_message_id, Text()),
                literal(each.due_at, moment),
                literal(each.slot_at, moment),
                literal(each.sent_at, moment),
                literal(each.delivered_at, moment),
                literal(0 if each.is_attempt else 1, Integer()),
            )
            for each in moves
        ]
    )


async def _lock(session: AsyncSession, which: Any, order: Any, limit: int) -> Sequence[UUID]:
    if limit <= 0:
        return []
    statement = (
        select(MessageRow.id)
        .where(which)
        .order_by(order, MessageRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


def _entry(
    message_id: UUID,
    before: MessageState,
    after: MessageState,
    code: str | None,
    provider: str | None,
    now: datetime,
) -> Mapping[str, Any]:
    return {
        "id": new_id(),
        "message_id": message_id,
        "state_before": before,
        "state_after": after,
        "code": code,
        "provider": provider,
        "occurred_at": now,
    }


async def _log(session: AsyncSession, entries: Sequence[Mapping[str, Any]]) -> None:
    if entries:
        await session.execute(insert(MessageTransitionRow), [dict(each) for each in entries])
