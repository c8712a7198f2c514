"""Log lines."""

from __future__ import annotations

from typing import Literal

from router.config.section import Section


class LoggingConfig(Section):
    """Log lines on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"
    access_log: bool = True
