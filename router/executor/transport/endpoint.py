"""One address of a subgraph: its connections and its health, as the pool sees them."""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from router.executor.transport.connection import Connection
from router.executor.transport.url import SubgraphUrl


@dataclass(frozen=True, slots=True)
class Origin:
    """One URL of a subgraph; `head` is what never changes of a request to it."""

    url: SubgraphUrl
    tls: ssl.SSLContext | None = None
    head: bytes = b""


class Endpoint:
    """An address behind an origin. `host` is numeric; for a Unix socket it is its path.

    `opened` counts connections, also those being opened; `in_flight` those of them that are in use.
    `failures` are those in a row. One `on trial` was left out before and gets one request at a time until one
    succeeds.
    `used_at` is the number of the last request that went there, by which equals take turns.
    A `tier` above 0 is used when none of those below it can be.
    """

    __slots__ = (
        "ejected_until",
        "ejections",
        "failures",
        "host",
        "idle",
        "in_flight",
        "is_ejected",
        "is_on_trial",
        "is_retired",
        "opened",
        "origin",
        "tier",
        "used_at",
    )

    def __init__(self, origin: Origin, host: str, tier: int = 0) -> None:
        self.origin = origin
        self.host = host
        self.tier = tier
        self.idle: deque[PooledConnection] = deque()
        self.in_flight = self.opened = self.used_at = 0
        self.failures = self.ejections = 0
        self.ejected_until = 0.0
        self.is_ejected = self.is_on_trial = self.is_retired = False

    @property
    def is_available(self) -> bool:
        """Whether a request may go there, as far as its health is concerned."""
        return not self.is_ejected and not (self.is_on_trial and self.in_flight)

    @property
    def label(self) -> str:
        """Its name for people."""
        url = self.origin.url
        return self.host if url.socket_path is not None else f"{self.host}:{url.port}"


class PooledConnection(Connection):
    """A connection that knows its endpoint and tells when it was closed, also while idle."""

    __slots__ = ("_lost", "endpoint")

    def __init__(
        self,
        endpoint: Endpoint,
        lost: Callable[[PooledConnection], None],
        buffer: memoryview,
        *,
        read_timeout_s: float,
        response_bytes_max: int,
    ) -> None:
        super().__init__(buffer, read_timeout_s=read_timeout_s, response_bytes_max=response_bytes_max)
        self.endpoint = endpoint
        self._lost = lost

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the exchange under way, if any, and gives the place of an idle connection back."""
        super().connection_lost(exc)
        self._lost(self)
