"""Secrets out of log lines, whoever logs them."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

REDACTED = "[redacted]"
_DEPTH_MAX = 6

_SECRET_KEY = re.compile(
    r"authorization|cookie|password|passwd|secret|token|api[-_]?key|credential|csrf|session", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"(?P<scheme>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}"  # an Authorization value
    r"|\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # a JWT on its own
    r"|(?P<user>://[^/\s:@]*:)[^/\s@]+(?=@)",  # a password in a URL
    re.IGNORECASE,
)


def redact_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces the values of secret-looking keys, and tokens inside texts; a structlog processor."""
    for key, value in event.items():
        event[key] = _redact(key, value, _DEPTH_MAX)
    return event


def redact_text(text: str) -> str:
    """Returns the text without the tokens in it."""
    return _SECRET_TEXT.sub(_keep_prefix, text)


def _redact(key: str, value: Any, depth: int) -> Any:
    if _SECRET_KEY.search(key) and not isinstance(value, bool | int | float | None):
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if depth == 0:
        return value
    if isinstance(value, Mapping):
        return {name: _redact(str(name), item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redact("", item, depth - 1) for item in value]
    return value


def _keep_prefix(match: re.Match[str]) -> str:
    return f"{match['scheme'] or match['user'] or ''}{REDACTED}"
