"""What the tests of this folder have in common."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import structlog

from router.config import LoggingConfig
from router.telemetry.logs import configure_logging


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """What the test logs, as JSON lines."""
    stream = io.StringIO()
    configure_logging(LoggingConfig(), stream=stream)
    yield stream
    structlog.reset_defaults()
