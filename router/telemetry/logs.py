"""The configuration of structlog: JSON lines for machines, coloured lines for people."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
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


_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class JsonLines:
    """The log as a stream of JSON lines, for lines that need none of structlog's steps."""

    def __init__(self, stream: TextIO, *, takes_info: bool) -> None:
        self.takes_info = takes_info
        self._stream = stream

    def write(self, lines: Iterable[dict[str, Any]]) -> None:
        """Writes lines with one system call; whoever calls has redacted them."""
        self._stream.write(b"".join([orjson.dumps(line, option=_LINE) for line in lines]).decode())
        self._stream.flush()


class _Output:
    """Where the log of this process goes; there is one."""

    lines: JsonLines | None = None


_output = _Output()


def json_lines() -> JsonLines | None:
    """Returns the stream of JSON lines; None where the log has another form."""
    return _output.lines


def configure_logging(config: LoggingConfig, *, stream: TextIO | None = None) -> None:
    """Sets up structlog for the process; called once, before the first log line."""
    target = stream or sys.stderr
    takes_info = _LEVELS[config.level] <= logging.INFO
    _output.lines = JsonLines(target, takes_info=takes_info) if config.format == "json" else None
    structlog.configure(
        processors=_processors(config),
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[config.level]),
        logger_factory=structlog.WriteLoggerFactory(file=target),
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
