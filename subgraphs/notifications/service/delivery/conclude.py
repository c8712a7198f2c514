"""Writing down what came of handing a message over, where the claim still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.backoff import Backoff
from subgraphs.notifications.channels.hand_over import NO_PROVIDER, HandedOver
from subgraphs.notifications.channels.letter import Verdict
from subgraphs.notifications.model.claim_queries import Move, move_claimed
from subgraphs.notifications.model.tables import MessageRow
from subgraphs.notifications.model.token_queries import delete_tokens
from subgraphs.notifications.service.delivery.failures import tell_failures
from subgraphs.notifications.service.delivery.suppress import suppress
from subgraphs.notifications.states import Channel, MessageState, SuppressionReason

BACKOFF = Backoff(first_s=30.0, max_s=14_400.0)
_UNUSABLE = "ADDRESS_MALFORMED"
# What one device of several said best says for the message.
_BEST_FIRST = (
    Verdict.ACCEPTED,
    Verdict.UNCLEAR,
    Verdict.BUSY,
    Verdict.REFUSED,
    Verdict.ADDRESS_REFUSED,
)


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of one address."""

    address: str
    result: HandedOver


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A message whose letters were handed over. `is_own` when its organization's own provider did it."""

    message: MessageRow
    claim_id: UUID
    handed: Sequence[Handed]
    attempts_max: int
    is_own: bool


async def conclude(session: AsyncSession, what: Conclusion, now: datetime) -> bool:
    """Returns whether the message was still the claim's; if not, somebody else has taken it on."""
    message = what.message
    best = min(
        (each.result for each in what.handed), key=lambda each: _BEST_FIRST.index(each.outcome.verdict)
    )
    move = move_for(message, best, what.attempts_max, now)
    if message.id not in await move_claimed(session, what.claim_id, [move], now):
        return False
    if move.state is MessageState.FAILED:
        await tell_failures(session, [(message, move.code or "")], now)
    await _forget_addresses(session, what, now)
    return True


def move_for(message: MessageRow, handed: HandedOver, attempts_max: int, now: datetime) -> Move:
    """Returns where the message goes. Pure but for the jitter of the pause."""
    outcome = handed.outcome
    if outcome.verdict is Verdict.ACCEPTED:
        return Move(
            message_id=message.id,
            state=MessageState.SENT,
            provider=handed.provider,
            provider_message_id=outcome.provider_message_id,
            sent_at=now,
        )
    code = outcome.code
    if outcome == NO_PROVIDER:
        return Move(message_id=message.id, state=MessageState.SKIPPED, code=code)
    is_final = outcome.verdict in {Verdict.REFUSED, Verdict.ADDRESS_REFUSED}
    if is_final or message.attempts >= attempts_max:
        return Move(message_id=message.id, state=MessageState.FAILED, code=code, provider=handed.provider)
    pause_s = max(BACKOFF.pause_s(message.attempts), outcome.retry_after_s or 0.0)
    return Move(
        message_id=message.id,
        state=MessageState.PENDING,
        code=code,
        provider=handed.holder,
        due_at=now + timedelta(seconds=pause_s),
    )


async def _forget_addresses(session: AsyncSession, what: Conclusion, now: datetime) -> None:
    gone = [
        each.address
        for each in what.handed
        if each.result.outcome.verdict is Verdict.ADDRESS_REFUSED and each.result.outcome.code != _UNUSABLE
    ]
    if what.message.channel is Channel.PUSH:
        await delete_tokens(session, what.message.user_id, gone)
        return
    # What an organization's own gateway says of an address holds for that organization alone.
    owner = what.message.organization_id if what.is_own else None
    for address in gone:
        await suppress(session, owner, what.message.channel, address, SuppressionReason.BOUNCED, now)
