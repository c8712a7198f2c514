"""How serving processes log."""

from __future__ import annotations

import sys

from router.config import LoggingConfig
from router.telemetry.logs import configure_logging


def log_for_reader() -> None:
    """Sets up logging: readable lines for a terminal, JSON for a collector."""
    configure_logging(LoggingConfig(format="console" if sys.stderr.isatty() else "json"))
