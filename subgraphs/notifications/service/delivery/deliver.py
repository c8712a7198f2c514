"""The worker: claims what is due, sends it, writes down what came of it, until nothing is due."""

from __future__ import annotations

import asyncio
import traceback
from datetime import timedelta

import structlog

from subgraphs.kit.clock import Clock
from subgraphs.kit.database import Database
from subgraphs.kit.ids import new_id
from subgraphs.notifications.channels.hand_over import HandedOver, LetterTakenError, hand_over
from subgraphs.notifications.channels.letter import Outcome, Verdict
from subgraphs.notifications.model.claim_queries import Claim, claim_due, renew_claim
from subgraphs.notifications.model.digest_closing import close_ended, gather_digests
from subgraphs.notifications.model.tables import MessageRow
from subgraphs.notifications.service.delivery.conclude import Conclusion, Handed, conclude
from subgraphs.notifications.service.delivery.plan_batch import TEMPLATE_FAILED, Planned, plan_batch
from subgraphs.notifications.service.delivery.port import Delivery
from subgraphs.notifications.service.delivery.unsubscribe_links import Unsubscription
from subgraphs.notifications.service.delivery.write_letter import TemplateMissingError, Writing
from subgraphs.notifications.service.templates.compiled import RenderingError
from subgraphs.notifications.service.templates.language import ForbiddenTemplateError
from subgraphs.notifications.states import Channel

DIGESTS_MAX = 200
TEMPLATE_MISSING = "TEMPLATE_MISSING"

log = structlog.get_logger(__name__)


class DeliveryWorker:
    """Any number of them work side by side, in one process or many."""

    def __init__(self, database: Database, clock: Clock, delivery: Delivery) -> None:
        self._database = database
        self._clock = clock
        self._delivery = delivery
        self._lease = timedelta(seconds=delivery.settings.delivery_lease_s)
        self._room = asyncio.Semaphore(delivery.settings.delivery_concurrency_max)

    async def run(self, seconds_max: float) -> int:
        """Delivers until nothing is due, no further batch after that time; returns how many were claimed."""
        until = asyncio.get_running_loop().time() + seconds_max
        total = 0
        while claimed := await self.deliver_batch():
            total += claimed
            if asyncio.get_running_loop().time() > until:
                break
        return total

    async def close_digests(self) -> int:
        """Closes digests whose window has ended and returns how many; their first message is due then."""
        async with self._database.transaction() as session:
            now = self._clock.now()
            closed = await close_ended(session, now, DIGESTS_MAX)
            if closed:
                await gather_digests(session, closed, now)
        return len(closed)

    async def deliver_batch(self) -> int:
        """Delivers one batch and returns how many messages it took."""
        now = self._clock.now()
        claim = Claim(new_id(), now, now + self._lease)
        async with self._database.transaction() as session:
            messages = await claim_due(session, claim, self._delivery.settings.delivery_batch_max)
        if not messages:
            return 0
        async with self._database.transaction() as session:
            planned = await plan_batch(session, messages, claim, self._delivery.settings)
        results = await asyncio.gather(*(self._send(each, claim) for each in planned), return_exceptions=True)
        for each, result in zip(planned, results, strict=True):
            if isinstance(result, Exception):
                _log_fault(each.message, result)
            elif isinstance(result, BaseException):
                raise result
        return len(messages)

    async def _send(self, planned: Planned, claim: Claim) -> None:
        message = planned.message
        async with self._room:
            try:
                handed = await self._hand_over(planned, claim)
            except LetterTakenError:
                log.warning("lease_lost", message_id=str(message.id))
                return
            except TemplateMissingError:
                handed = _refused(planned, TEMPLATE_MISSING)
            except (RenderingError, ForbiddenTemplateError) as error:
                log.warning("template_failed", message_id=str(message.id), reason=str(error))
                handed = _refused(planned, TEMPLATE_FAILED)
            what = Conclusion(
                message,
                claim.id,
                handed,
                self._delivery.settings.delivery_attempts_max,
                bool(planned.facts.providers_for(message)),
            )
            async with self._database.transaction() as session:
                was_ours = await conclude(session, what, self._clock.now())
            if not was_ours:
                log.warning("lease_lost", message_id=str(message.id))

    async def _hand_over(self, planned: Planned, claim: Claim) -> list[Handed]:
        message = planned.message
        writing = Writing(message, planned.facts, planned.addresses, self._unsubscribe_url(message))
        providers = self._delivery.providers.of(message.channel, planned.facts.providers_for(message))

        async def announce(provider: str) -> bool:
            async with self._database.transaction() as session:
                until = self._clock.now() + self._lease
                return await renew_claim(session, message.id, claim.id, provider, until)

        return [
            Handed(letter.address, await hand_over(letter, providers, message.provider, announce))
            for letter in writing.letters()
        ]

    def _unsubscribe_url(self, message: MessageRow) -> str | None:
        if message.channel is not Channel.EMAIL or message.critical:
            return None
        what = Unsubscription(message.user_id, message.channel, message.topic)
        return self._delivery.links.url(what, message.created_at)


def _refused(planned: Planned, code: str) -> list[Handed]:
    holder = planned.message.provider
    return [Handed("", HandedOver(Outcome(Verdict.REFUSED, code), holder, holder))]


def _log_fault(message: MessageRow, fault: Exception) -> None:
    # Not the exception's own words: they may hold an address.
    log.error(
        "delivery_fault",
        message_id=str(message.id),
        fault=type(fault).__name__,
        traceback="".join(traceback.format_tb(fault.__traceback__)),
    )
