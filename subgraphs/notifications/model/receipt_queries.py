"""SQL over receipts and the messages they are about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.notifications.model.delivery_tables import ReceiptRow
from subgraphs.notifications.model.tables import MessageRow, MessageTransitionRow
from subgraphs.notifications.states import MESSAGE_STEPS, MessageState


async def note_receipt(session: AsyncSession, provider: str, receipt_id: str, now: datetime) -> bool:
    """Returns whether the receipt is new; waits for a transaction that handles the same one."""
    statement = (
        upsert(ReceiptRow)
        .values(provider=provider, receipt_id=receipt_id, received_at=now)
        .on_conflict_do_nothing()
        .returning(ReceiptRow.receipt_id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def lock_message(
    session: AsyncSession, provider: str, message_id: UUID | None, provider_message_id: str | None
) -> MessageRow | None:
    """Returns the message the provider was given, by our id or its own, held until the transaction ends."""
    statement = select(MessageRow).where(MessageRow.provider == provider)
    if message_id is not None:
        statement = statement.where(MessageRow.id == message_id)
    else:
        statement = statement.where(MessageRow.provider_message_id == provider_message_id)
    statement = statement.order_by(MessageRow.created_at.desc()).limit(1).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def step_to(
    session: AsyncSession, message: MessageRow, state: MessageState, code: str | None, now: datetime
) -> bool:
    """Takes a locked message on, if a message may go there from where it is; returns whether it did."""
    before = message.state
    if (before, state) not in MESSAGE_STEPS:
        return False
    message.state = state
    if state is MessageState.DELIVERED:
        message.delivered_at = now
    else:
        message.last_error = code
    await session.flush()
    await log_step(session, message, before, code, now)
    return True


async def log_step(
    session: AsyncSession, message: MessageRow, before: MessageState, code: str | None, now: datetime
) -> None:
    """Writes what the message went through since `before`; it may stand where it stood."""
    entry = {
        "id": new_id(),
        "message_id": message.id,
        "state_before": before,
        "state_after": message.state,
        "provider": message.provider,
        "code": code,
        "occurred_at": now,
    }
    await session.execute(insert(MessageTransitionRow), [entry])


async def delete_old_receipts(session: AsyncSession, before: datetime) -> None:
    """Forgets receipts that came before."""
    statement = delete(ReceiptRow).where(ReceiptRow.received_at < before)
    await session.execute(statement.execution_options(synchronize_session=False))
