"""The one place where the client of a subgraph is put together.

A client is a chain of SubgraphClients, each of them one idea in one file, around the transport itself.
Outermost first: the layers of the caller (observing, then caching), de-duplication, retries, the circuit
breaker, HTTP. So a record shows what an operation waited for; what is cached asks nobody; what is shared is
retried once for all; each attempt counts for the breaker, and an open one is not asked again. The direct way
past the last four, for what meets no obstacle, stands around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from router.config import SubgraphConfig, TransportConfig
from router.executor.transport.breaker import BreakingClient
from router.executor.transport.client import SubgraphClient
from router.executor.transport.counts import TransportCounts, read_breaker, read_pool
from router.executor.transport.dedupe import DeduplicatingClient
from router.executor.transport.direct import Chain, DirectClient
from router.executor.transport.http import HttpClient
from router.executor.transport.resources import TransportResources
from router.executor.transport.retry import RetryingClient
from router.telemetry.catalogue import Reading

Layer = Callable[[str, SubgraphClient], SubgraphClient]
"""Puts a client around the client of the subgraph of that name."""


class Wiring:
    """What all clients of one router share, and what their metrics are read from.

    `layers` are the caller's own, outermost first.
    """

    def __init__(self, config: TransportConfig | None = None, *, layers: Sequence[Layer] = ()) -> None:
        self.layers = tuple(layers)
        self.counts = TransportCounts()
        self.resources = TransportResources.of(config or TransportConfig(), self.counts)
        self._built: list[tuple[HttpClient, BreakingClient | None]] = []

    def note(self, http: HttpClient, breaking: BreakingClient | None) -> None:
        """Adds a client to what is read for metrics, until it is closed."""
        self._built = [built for built in self._built if not built[0].is_closed]
        self._built.append((http, breaking))

    def readings(self) -> Iterator[Reading]:
        """Returns what the transport counts, and how it stands."""
        yield from self.counts.readings()
        for http, breaking in self._built:
            if not http.is_closed:
                yield from read_pool(http)
                if breaking is not None:
                    yield from read_breaker(breaking)


def build_client(
    name: str, urls: Sequence[str], config: TransportConfig, wiring: Wiring | None = None
) -> SubgraphClient:
    """Returns the client of a subgraph behind HTTP, with everything the configuration asks for around it.

    Raises SubgraphUrlError for an address that cannot be used, OSError for unreadable certificates.
    """
    wiring = wiring or Wiring(config)
    own = config.for_subgraph(name)
    counts = wiring.counts
    http = HttpClient(name, urls, config, config.subgraphs.get(name, SubgraphConfig()), wiring.resources)
    chain = Chain(http)
    if own.breaker.enabled:
        chain = replace(chain, breaking=BreakingClient(name, chain.whole, own.breaker, counts))
    wiring.note(http, chain.breaking)
    if own.retry.enabled:
        chain = replace(chain, retrying=RetryingClient(name, chain.whole, own.retry, counts))
    if own.deduplication.enabled:
        chain = replace(chain, deduplicating=DeduplicatingClient(name, chain.whole, own, counts))
    return wrap_client(name, DirectClient(chain), wiring)


def wrap_client(name: str, client: SubgraphClient, wiring: Wiring) -> SubgraphClient:
    """Returns `client` inside the caller's layers, also where the subgraph runs in this process."""
    for layer in reversed(wiring.layers):
        client = layer(name, client)
    return client
