"""Puts together what every operation passes first: documents, limits, and the counters these share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from router.config import RouterConfig
from router.pipeline.documents import Documents, open_documents
from router.pipeline.documents.manifest import ManifestError
from router.pipeline.executes import ExecutesInParts
from router.pipeline.gate import Gate
from router.pipeline.rate_limits import RateLimiter
from router.pipeline.windows import Windows, open_windows
from zellige.errors import CommandFailed


@dataclass(frozen=True, slots=True)
class GateParts:
    """The parts of a gate, before there is a router behind it."""

    documents: Documents
    windows: Windows
    limiter: RateLimiter | None

    def before(self, router: ExecutesInParts) -> Gate:
        """Returns the gate in front of a router."""
        return Gate(router, self.documents, self.limiter)

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
    return GateParts(documents, windows, limiter)
