"""One router for all attacks of a file: it has to be alive after each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from router.config import RouterConfig
from tests.telemetry.serving import ServedShop, serve_router

CONFIG = RouterConfig.model_validate(
    {"logging": {"access_log": False}, "server": {"batching": {"enabled": True, "max_operations": 5}}}
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[ServedShop]:
    """A router as `zellige router` serves it, over subgraphs on sockets; batches are switched on."""
    async with serve_router(CONFIG) as running:
        yield running
