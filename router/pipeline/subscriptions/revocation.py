"""Listens for sessions that end before their tokens do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from router.config import RevocationConfig
from router.realtime import EventFilter, FeedEvent, FeedUnavailableError, TopicTail, look_up

_log = structlog.stdlib.get_logger("router.subscriptions")

RETRY_S = 2.0


class RevocationListener:
    """A listener of the topic that names ended sessions; each is handed to `revoke`."""

    def __init__(self, config: RevocationConfig, revoke: Callable[[str], None]) -> None:
        self.filter = EventFilter()
        self._type = config.event
        self._path = tuple(config.path.split("."))
        self._revoke = revoke
        self._tail: TopicTail | None = None
        self._attaching: asyncio.Task[None] | None = None

    @property
    def _topics(self) -> tuple[str, ...]:
        return (self._type.partition(".")[0],) if self._type is not None else ()

    def start(self, tail: TopicTail) -> None:
        """Listens from now on, or as soon as the bus can be read."""
        if self._type is not None:
            self._tail = tail
            self._attaching = asyncio.create_task(self._attach(tail))

    async def _attach(self, tail: TopicTail) -> None:
        while True:
            try:
                await tail.attach(self._topics, self)
            except FeedUnavailableError as error:
                _log.error("revocations are not listened to yet", error=str(error))
                await asyncio.sleep(RETRY_S)
            else:
                return

    def take(self, event: FeedEvent) -> None:
        """Revokes the session the event names."""
        if event.envelope.get("type") != self._type:
            return
        session = look_up(event.envelope, self._path)
        if isinstance(session, str | int):
            self._revoke(str(session))

    def miss(self) -> None:
        """Says that sessions may have ended unheard; their tokens still expire."""
        _log.error("revocations may have been missed")

    def close(self) -> None:
        """Listens no longer."""
        if self._attaching is not None:
            self._attaching.cancel()
        if self._tail is not None:
            self._tail.detach(self._topics, self)
