"""What is handed to a provider, and what it said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from subgraphs.kit.locales import Locale
from subgraphs.notifications.states import Channel, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one address, rendered. `id` is the same at every try: repetitions are known by it."""

    id: UUID
    channel: Channel
    address: str
    subject: str
    text: str
    html: str | None = None
    locale: Locale
    topic: Topic
    organization_id: UUID | None = None
    written_at: datetime
    unsubscribe_url: str | None = None


class Verdict(Enum):
    """What is known after a try."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """A definite no to this letter: asking the same provider again is of no use."""
    ADDRESS_REFUSED = "address_refused"
    """The address does not exist or takes nothing; no provider will change that."""
    BUSY = "busy"
    """Surely not accepted, for now: unreachable, too many requests, try again later."""
    UNCLEAR = "unclear"
    """Handed over, and no answer: it may have been accepted. Only the same provider may be asked again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one provider made of one letter; `code` is a short word for logs, never text from outside."""

    verdict: Verdict
    code: str = ""
    provider_message_id: str | None = None
    retry_after_s: float | None = None


class Provider(Protocol):
    """Somebody who carries letters of one channel."""

    @property
    def name(self) -> str:
        """What it is called in settings, logs and receipts; the same for the same account."""
        ...

    async def send(self, letter: Letter) -> Outcome:
        """Hands the letter over; returns what is known of it and raises nothing for what happens outside."""
        ...

    async def close(self) -> None:
        """Ends what it holds open."""
        ...
