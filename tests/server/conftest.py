"""The edge as the tests of this folder meet it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import structlog

from router.config import LoggingConfig
from router.telemetry.logs import configure_logging
from tests.server.serving import Served, serve


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    """An edge with the default configuration, one for all tests of a file."""
    async with serve() as running:
        yield running


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[io.StringIO]:
    """What the test logs, as JSON lines."""
    stream = io.StringIO()
    configure_logging(LoggingConfig(), stream=stream)
    yield stream
    structlog.reset_defaults()
