"""Trying providers in order without sending twice.

A provider that said no is followed by the next. One that may have accepted is not: the letter stays with it,
and only it is asked again. Which provider has the letter is written down *before* it is handed over
(`announce`), so that whoever finds it after a crash knows whom to ask.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from subgraphs.notifications.channels.letter import Letter, Outcome, Provider, Verdict

Announce = Callable[[str], Awaitable[bool]]

NO_PROVIDER = Outcome(Verdict.REFUSED, "NO_PROVIDER")
PROVIDER_GONE = Outcome(Verdict.REFUSED, "PROVIDER_GONE")

log = structlog.get_logger(__name__)


class LetterTakenError(Exception):
    """Another worker has the letter now; nothing was handed over by this one."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How it ended, and whose word it is. `holder` is who may have the letter: the only one to ask again."""

    outcome: Outcome
    provider: str | None = None
    holder: str | None = None


async def hand_over(
    letter: Letter, providers: Sequence[Provider], holder: str | None, announce: Announce
) -> HandedOver:
    """Returns the first outcome that no other provider may change; raises LetterTakenError.

    `holder` may have accepted it at an earlier try. `announce` notes whose it is about to be, and says
    whether the letter is still this worker's.
    """
    if not providers:
        return HandedOver(NO_PROVIDER)
    if holder is not None:
        providers = _from_holder(providers, holder)
        if not providers:
            return HandedOver(PROVIDER_GONE, holder, holder)
    last = HandedOver(NO_PROVIDER)
    for provider in providers:
        if not await announce(provider.name):
            raise LetterTakenError
        outcome = await provider.send(letter)
        # What was accepted stands in the delivery log; what was not, somebody may have to look after.
        say = log.debug if outcome.verdict is Verdict.ACCEPTED else log.info
        say(
            "letter_handed_over",
            message_id=str(letter.id),
            provider=provider.name,
            verdict=outcome.verdict.value,
            code=outcome.code,
        )
        last = _weigh(last, outcome, provider.name, holder)
        if last.holder is not None or outcome.verdict in {Verdict.ACCEPTED, Verdict.ADDRESS_REFUSED}:
            return last
    return last


def _from_holder(providers: Sequence[Provider], holder: str) -> Sequence[Provider]:
    names = [provider.name for provider in providers]
    return providers[names.index(holder) :] if holder in names else ()


def _weigh(before: HandedOver, outcome: Outcome, name: str, holder: str | None) -> HandedOver:
    if outcome.verdict is Verdict.UNCLEAR:
        return HandedOver(outcome, name, name)
    if outcome.verdict is Verdict.BUSY and name == holder:
        # "Not now" says nothing of the earlier try, so the letter stays with it.
        return HandedOver(outcome, name, name)
    if outcome.verdict is Verdict.REFUSED and before.outcome.verdict is Verdict.BUSY:
        # One of them may take it later.
        return before
    return HandedOver(outcome, name)
