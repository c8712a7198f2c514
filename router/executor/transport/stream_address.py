"""Where a subgraph takes subscriptions, and what it is told of who subscribes."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from router.executor.transport.client import SubgraphRequest
from router.executor.transport.url import SubgraphUrl

Audience = tuple[tuple[str, str], ...]
"""The headers of a client that go to the subgraph."""


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """The address of one subgraph; `headers` are always sent, those to `propagate` if the client has them."""

    name: str
    url: SubgraphUrl
    headers: Mapping[str, str] = field(default_factory=dict)
    propagate: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None

    def audience_of(self, request: SubgraphRequest) -> Audience:
        """Returns the client's headers that go to the subgraph."""
        given = request.headers
        return tuple((name, given[name]) for name in self.propagate if name in given)
