"""Puts together what every operation passes: documents, limits, costs, and the counters these share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from router.config import RouterConfig
from router.executor.merge.mask import ErrorMask
from router.pipeline.demand import DemandControl
from router.pipeline.documents import Documents, open_documents
from router.pipeline.documents.manifest import ManifestError
from router.pipeline.executes import ExecutesInParts
from router.pipeline.gate import Gate
from router.pipeline.guards import Guards
from router.pipeline.introspection import IntrospectionPolicy
from router.pipeline.rate_limits import RateLimiter
from router.pipeline.windows import Windows, open_windows
from router.supergraph import Supergraph
from router.telemetry.catalogue import Reading
from zellige.errors import CommandFailed


@dataclass(frozen=True, slots=True)
class GateParts:
    """The parts of a gate, before there is a router behind it."""

    documents: Documents
    windows: Windows
    limiter: RateLimiter | None
    introspection: IntrospectionPolicy
    demand: DemandControl | None
    mask: ErrorMask | None

    def guards(self, supergraph: Supergraph) -> Guards:
        """Returns what operations over a supergraph are held to."""
        costs = self.demand.over(supergraph) if self.demand is not None else None
        return Guards(self.introspection, costs, self.mask)

    def readings(self) -> Iterable[Reading]:
        """Returns what demand control counts, for metrics."""
        return self.demand.readings() if self.demand is not None else ()

    def before(self, router: ExecutesInParts) -> Gate:
        """Returns the gate in front of a router."""
        return Gate(router, self.documents, self.limiter, self.introspection.permits)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Looks for newer documents while the block runs; its end closes the counters."""
        async with self.documents.running():
            try:
                yield
            finally:
                await self.windows.close()


def assemble_gate(config: RouterConfig) -> GateParts:
    """Returns the parts after the settings; raises CommandFailed when the documents cannot be read."""
    try:
        documents = open_documents(config.documents)
    except ManifestError as error:
        raise CommandFailed(f"documents.manifest: {error}") from error
    windows = open_windows(config.counters)
    limiter = RateLimiter(config.rate_limits, windows) if config.rate_limits.rules else None
    is_weighed = config.demand.mode != "off"
    demand = DemandControl(config.demand, config.rate_limits, windows) if is_weighed else None
    masks = config.errors.mask or not config.errors.show_subgraph
    return GateParts(
        documents,
        windows,
        limiter,
        IntrospectionPolicy(config.introspection),
        demand,
        ErrorMask(config.errors) if masks else None,
    )
