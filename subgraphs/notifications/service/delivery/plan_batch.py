"""Deciding a claimed batch, in one transaction: what ends, what waits, what is shown, what is to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.channels.settings import DeliverySettings
from subgraphs.notifications.model.claim_queries import Claim, Move, move_claimed
from subgraphs.notifications.model.slot_queries import lock_slots, write_slots
from subgraphs.notifications.model.tables import MessageRow, NotificationRow
from subgraphs.notifications.service.delivery.decide import Postpone, Send, Settle, decide
from subgraphs.notifications.service.delivery.facts import Facts, read_facts
from subgraphs.notifications.service.delivery.failures import tell_failures
from subgraphs.notifications.service.delivery.pacing import rates_of, take_turns
from subgraphs.notifications.service.inbox.put_in_inbox import put_in_inbox
from subgraphs.notifications.service.templates.compiled import RenderingError
from subgraphs.notifications.service.templates.language import ForbiddenTemplateError
from subgraphs.notifications.service.templates.platform_texts import write_in_every_language
from subgraphs.notifications.states import MessageState

ATTEMPTS_EXHAUSTED = "ATTEMPTS_EXHAUSTED"
RATE_LIMITED = "RATE_LIMITED"
TEMPLATE_FAILED = "TEMPLATE_FAILED"


@dataclass(frozen=True, slots=True)
class Planned:
    """A message that is to be sent now, and where to."""

    message: MessageRow
    facts: Facts
    addresses: Sequence[str]


@dataclass
class _Plan:
    now: datetime
    attempts_max: int
    moves: list[Move] = field(default_factory=list)
    to_send: list[Planned] = field(default_factory=list)
    to_show: list[NotificationRow] = field(default_factory=list)

    def add(self, message: MessageRow, facts: Facts) -> None:
        notification = facts.notifications[message.notification_id]
        recipient = facts.recipients[message.user_id]
        if message.attempts > self.attempts_max:
            self.moves.append(_move(message, MessageState.FAILED, ATTEMPTS_EXHAUSTED))
            return
        match decide(message, facts.told_by(message), recipient, facts.suppressed(message), self.now):
            case Settle(state, code):
                self.moves.append(_move(message, state, code))
            case Postpone(until, code):
                self.postpone(message, until, code)
            case Send(addresses):
                self.to_send.append(Planned(message, facts, addresses))
            case _:
                self.show(message, notification)

    def show(self, message: MessageRow, notification: NotificationRow) -> None:
        try:
            write_in_every_language(notification.workflow, notification.payload)
        except (RenderingError, ForbiddenTemplateError, LookupError):
            self.moves.append(_move(message, MessageState.FAILED, TEMPLATE_FAILED))
            return
        self.to_show.append(notification)
        self.moves.append(
            Move(
                message_id=message.id,
                state=MessageState.DELIVERED,
                sent_at=self.now,
                delivered_at=self.now,
            )
        )

    def postpone(
        self, message: MessageRow, until: datetime, code: str, slot_at: datetime | None = None
    ) -> None:
        self.moves.append(
            Move(
                message_id=message.id,
                state=MessageState.PENDING,
                code=code,
                due_at=until,
                slot_at=slot_at,
                provider=message.provider,
                is_attempt=False,
            )
        )


async def plan_batch(
    session: AsyncSession, messages: Sequence[MessageRow], claim: Claim, settings: DeliverySettings
) -> list[Planned]:
    """Returns what is to be sent; everything else of the batch is settled or put off when this returns."""
    facts = await read_facts(session, messages)
    plan = _Plan(claim.now, settings.delivery_attempts_max)
    for message in messages:
        plan.add(message, facts)
    await _wait_for_turns(session, plan, settings)
    moved = await move_claimed(session, claim.id, plan.moves, claim.now)
    await put_in_inbox(session, plan.to_show, claim.now)
    by_id = {each.id: each for each in messages}
    failed = [
        (by_id[move.message_id], move.code or "")
        for move in plan.moves
        if move.state is MessageState.FAILED and move.message_id in moved
    ]
    await tell_failures(session, failed, claim.now)
    return plan.to_send


async def _wait_for_turns(session: AsyncSession, plan: _Plan, settings: DeliverySettings) -> None:
    """Puts off what comes too early; who has had a turn before goes without another."""
    wanted = [
        (each.message, rates_of(each.message, settings.rate_limits))
        for each in plan.to_send
        if each.message.slot_at is None
    ]
    if not wanted:
        return
    given = await lock_slots(session, [scope for _, rates in wanted for scope in rates], plan.now)
    turns = take_turns(wanted, given, plan.now)
    await write_slots(session, given)
    early = {message.id: turn for (message, _), turn in zip(wanted, turns, strict=True) if turn > plan.now}
    for each in plan.to_send:
        if each.message.id in early:
            turn = early[each.message.id]
            plan.postpone(each.message, turn, RATE_LIMITED, slot_at=turn)
    plan.to_send = [each for each in plan.to_send if each.message.id not in early]


def _move(message: MessageRow, state: MessageState, code: str) -> Move:
    return Move(message_id=message.id, state=state, code=code, provider=message.provider)
