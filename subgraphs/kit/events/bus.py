"""The bus between the domains, as relays, consumers and live feeds see it, whatever engine is behind.

    BusError
    ├── BusUnavailableError    the engine is away or does not answer; try again later
    └── PositionLostError      a feed cannot be resumed there: what followed has been deleted

Publishing is at least once. Every service that has subscribed receives every event published after that,
until it acknowledges or buries it; events of one topic and subject in the order they were published. Beside
it each topic has a log, kept for the retention time, which anybody may read from any position.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from subgraphs.kit.events.cloud_event import CloudEvent
from subgraphs.kit.events.consumer import Subscription

BEGINNING = "beginning"
"""The position before the first event that a topic's log still holds."""


class BusError(Exception):
    """Something between us and the bus."""


class BusUnavailableError(BusError):
    """The engine cannot be reached or did not answer in time. What was sent may have arrived.

    `is_lasting` when trying again at once is of no use: nobody answers there, or the engine said no.
    """

    def __init__(self, message: str, *, is_lasting: bool = False) -> None:
        super().__init__(message)
        self.is_lasting = is_lasting


class PositionLostError(BusError):
    """Events after this position are no longer kept; the reader must start anew from the present state."""

    def __init__(self, topic: str, position: str) -> None:
        super().__init__(f"the log of {topic} no longer holds what followed {position}")
        self.topic = topic
        self.position = position


@dataclass(frozen=True, slots=True)
class Publication:
    """One event to publish. A second publication of the same edition is, where it can be, not kept twice."""

    event: CloudEvent
    edition: int = 0


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event of a topic's log; `position` is what a reader keeps to go on after it."""

    position: str
    event: CloudEvent


class Delivery(Protocol):
    """One event handed to one service; exactly one of `ack` and `bury` ends it, else it comes again.

    `event` is None when what came is no event; `body` has it as it was. `deliveries` counts how often it was
    handed out, this time included: what kills its consumer shows here and nowhere else.
    """

    @property
    def event(self) -> CloudEvent | None: ...

    @property
    def body(self) -> bytes: ...

    @property
    def deliveries(self) -> int: ...

    async def ack(self) -> None:
        """Says that the event has had its effect."""
        ...

    async def bury(self, reason: str) -> None:
        """Puts the event aside as a dead letter of this service."""
        ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a service could not handle; `event` is None when it could not even be read."""

    service: str
    event_id: UUID | None
    reason: str
    buried_at: datetime
    event: CloudEvent | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much one service has before it: published and not yet acknowledged."""

    service: str
    topic: str
    waiting: int
    dead: int


class EventBus(Protocol):
    """What both engines do."""

    async def publish(self, publications: Sequence[Publication]) -> Mapping[UUID, str]:
        """Keeps the events, in this order, and returns the reason for each that the engine refuses.

        Raises BusUnavailableError when it is not known that all others are kept.
        """
        ...

    async def subscribe(self, subscription: Subscription) -> None:
        """Makes the service receive from now on; what was kept for it before stays."""
        ...

    def receive(
        self, subscription: Subscription, *, window: int
    ) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """Receives for the service; `window` bounds what is handed out and not ended.

        Of several receivers of one service, one at a time is given the events of a topic, so that their order
        holds; another takes over when it ends or dies. The iterator raises BusUnavailableError; whatever was
        not ended is then handed out again, to the next receiver. Deliveries end inside the context.
        """
        ...

    def read(self, topic: str, after: str | None = None) -> AsyncIterator[LoggedEvent]:
        """Yields the topic's events after the position, then each new one; never ends by itself.

        Without a position it begins with what is published after the first step. Raises PositionLostError,
        and BusUnavailableError when the engine goes away: read again after the last position then.
        """
        ...

    async def end_of(self, topic: str) -> str:
        """Returns the position after everything published so far."""
        ...

    async def dead_letters(self, service: str, *, count_max: int) -> list[DeadLetter]:
        """Returns the oldest dead letters of the service."""
        ...

    async def revive(self, service: str, event_ids: Collection[UUID] | None = None) -> int:
        """Hands these dead letters (all when None) to their service again and returns how many."""
        ...

    async def backlogs(self, services: Mapping[str, Subscription]) -> list[Backlog]:
        """Returns how much these services have before them."""
        ...

    async def trim(self) -> None:
        """Deletes what is older than the retention time and needed by no service."""
        ...

    async def ping(self) -> None:
        """Raises BusUnavailableError when the engine does not answer."""
        ...

    async def close(self) -> None:
        """Ends all connections."""
        ...
