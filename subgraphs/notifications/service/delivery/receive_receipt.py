"""What a provider tells later: delivered, opened, bounced, complained of, or given up after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.model.people_queries import contacts_by_users
from subgraphs.notifications.model.receipt_queries import lock_message, log_step, note_receipt, step_to
from subgraphs.notifications.model.tables import MessageRow
from subgraphs.notifications.model.token_queries import delete_tokens
from subgraphs.notifications.service.delivery.failures import tell_failures
from subgraphs.notifications.service.delivery.suppress import suppress
from subgraphs.notifications.states import Channel, MessageState, SuppressionReason

log = structlog.get_logger(__name__)


class ReceiptKind(Enum):
    """What happened to a message after the provider took it."""

    DELIVERED = "delivered"
    OPENED = "opened"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One receipt. `id` is the provider's; the message is named by our id or by the provider's own."""

    id: str
    provider: str
    kind: ReceiptKind
    message_id: UUID | None
    provider_message_id: str | None
    address: str | None = None
    is_permanent: bool = True
    organization_id: UUID | None = None
    """Whose own provider it is; None for the platform's."""


async def receive_receipt(session: AsyncSession, receipt: Receipt, now: datetime) -> bool:
    """Returns whether the receipt changed anything: one told again, or too late, does not."""
    if not await note_receipt(session, receipt.provider, receipt.id, now):
        return False
    message = await lock_message(session, receipt.provider, receipt.message_id, receipt.provider_message_id)
    if message is None:
        log.info("receipt_of_unknown_message", provider=receipt.provider)
        return False
    match receipt.kind:
        case ReceiptKind.DELIVERED:
            return await step_to(session, message, MessageState.DELIVERED, None, now)
        case ReceiptKind.OPENED:
            if not await step_to(session, message, MessageState.DELIVERED, "OPENED", now):
                await log_step(session, message, message.state, "OPENED", now)
        case ReceiptKind.BOUNCED:
            stepped = await step_to(session, message, MessageState.BOUNCED, "BOUNCED", now)
            if receipt.is_permanent:
                await _suppress(session, message, receipt, SuppressionReason.BOUNCED, now)
            return stepped
        case ReceiptKind.COMPLAINED:
            await log_step(session, message, message.state, "COMPLAINED", now)
            await _suppress(session, message, receipt, SuppressionReason.COMPLAINED, now)
        case ReceiptKind.FAILED:
            if not await step_to(session, message, MessageState.FAILED, "PROVIDER_FAILED", now):
                return False
            await tell_failures(session, [(message, "PROVIDER_FAILED")], now)
    return True


async def _suppress(
    session: AsyncSession,
    message: MessageRow,
    receipt: Receipt,
    reason: SuppressionReason,
    now: datetime,
) -> None:
    address = receipt.address or await _address_then(session, message)
    if address is None:
        log.warning("bounce_without_address", message_id=str(message.id))
    elif message.channel is Channel.PUSH:
        await delete_tokens(session, message.user_id, [address])
    else:
        await suppress(session, receipt.organization_id, message.channel, address, reason, now)


async def _address_then(session: AsyncSession, message: MessageRow) -> str | None:
    """Returns the address the message went to; None when it was changed since, and so is not known."""
    contact = (await contacts_by_users(session, [message.user_id])).get(message.user_id)
    if contact is None or message.sent_at is None or contact.as_of > message.sent_at:
        return None
    return {Channel.EMAIL: contact.email, Channel.SMS: contact.phone}.get(message.channel)
