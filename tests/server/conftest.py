"""The edge as the tests of this folder meet it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.server.serving import Served, serve


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    """An edge with the default configuration, one for all tests of a file."""
    async with serve() as running:
        yield running
