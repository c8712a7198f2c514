"""The configuration of structlog: JSON lines for machines, coloured lines for people."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import orjson
import structlog

from router.config import LoggingConfig
from router.telemetry.redaction import redact_secrets

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure_logging(config: LoggingConfig, *, stream: TextIO | None = None) -> None:
    """Sets up structlog for the process; called once, before the first log line."""
    structlog.configure(
        processors=_processors(config),
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[config.level]),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def _processors(config: LoggingConfig) -> list[Any]:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if config.format == "console":
        # The console renderer prints the traceback itself, after the line; plain, because the rich form shows
        # local variables, and those hold secrets.
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        return [*shared, redact_secrets, renderer]
    # Redaction comes after the traceback became text: exceptions quote their arguments.
    return [
        *shared,
        structlog.processors.format_exc_info,
        redact_secrets,
        structlog.processors.JSONRenderer(serializer=_dumps),
    ]


def _dumps(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
