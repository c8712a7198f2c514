"""What every transport of subscriptions shares: the hub, the limits, the open connections."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from router.config import LimitsConfig, ServerConfig, SubscriptionsConfig
from router.pipeline.executes import Executes
from router.pipeline.subscriptions import SubscriptionHub
from router.telemetry.telemetry import Telemetry


@dataclass(slots=True, eq=False)
class OpenConnection:
    """One client's connection; `send_away` tells it to go, and come back to another process."""

    send_away: Callable[[], None]


@dataclass(slots=True, eq=False)
class SubscriptionEdge:
    """The parts of the edge that a connection needs, and the connections themselves.

    `executes` runs the queries and mutations that come over a socket.
    """

    hub: SubscriptionHub
    executes: Executes
    server: ServerConfig
    limits: LimitsConfig
    telemetry: Telemetry
    _open: set[OpenConnection] = field(default_factory=set)
    _draining: asyncio.Task[None] | None = None

    @property
    def config(self) -> SubscriptionsConfig:
        """The section of the configuration."""
        return self.hub.config

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._open)

    def has_room(self) -> bool:
        """Whether another client may connect."""
        return len(self._open) < self.config.connections_max and not self.hub.is_draining

    def enter(self, connection: OpenConnection) -> None:
        """Counts a connection in."""
        self._open.add(connection)

    def leave(self, connection: OpenConnection) -> None:
        """Counts a connection out."""
        self._open.discard(connection)

    def begin_drain(self) -> None:
        """Begins to drain, once."""
        if self._draining is None:
            self._draining = asyncio.create_task(self.drain())

    async def drain(self) -> None:
        """Sends every client away, spread over the time set, and refuses new ones.

        Clients that all came back at one moment would bring the next process down.
        """
        self.hub.is_draining = True
        leaving = [*self._open]
        random.shuffle(leaving)
        pause_s = self.config.drain_ms / 1000 / max(len(leaving), 1)
        due = asyncio.get_running_loop().time()
        for connection in leaving:
            due += pause_s
            delay = due - asyncio.get_running_loop().time()
            if delay > 0.005:
                await asyncio.sleep(delay)
            if connection in self._open:
                connection.send_away()
