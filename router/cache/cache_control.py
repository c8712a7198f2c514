"""`Cache-Control` and `Age` of a subgraph's answer (RFC 9111, RFC 5861), and what the client is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PART = re.compile(r'([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]+)))?')
_SECONDS_MAX = 31_536_000


@dataclass(frozen=True, slots=True)
class CacheControl:
    """What an answer says of itself; `lifetime_s` is what is left of its age, None where it gives none."""

    lifetime_s: float | None = None
    is_public: bool = False
    is_private: bool = False
    stale_while_revalidate_s: float | None = None
    stale_if_error_s: float | None = None
    varies: tuple[str, ...] = ()


def read_cache_control(headers: Mapping[str, str]) -> CacheControl | None:
    """Returns what the headers (lower-case names) say; None when they say nothing of caching."""
    text = headers.get("cache-control")
    varies = tuple(name.strip().lower() for name in headers.get("vary", "").split(",") if name.strip())
    if text is None:
        return CacheControl(varies=varies) if varies else None
    parts: dict[str, str] = {}
    for name, quoted, plain in _PART.findall(text):
        key = name.lower()
        # A directive given twice with different values is read as the shorter-lived one.
        value = quoted or plain
        parts[key] = min(parts[key], value, key=lambda one: _seconds(one) or 0) if key in parts else value
    is_private = "private" in parts
    return CacheControl(
        lifetime_s=_lifetime(parts, headers),
        is_public="public" in parts and not is_private,
        is_private=is_private,
        stale_while_revalidate_s=_stale(parts, "stale-while-revalidate"),
        stale_if_error_s=_stale(parts, "stale-if-error"),
        varies=varies,
    )


def _lifetime(parts: Mapping[str, str], headers: Mapping[str, str]) -> float | None:
    if "no-store" in parts or "no-cache" in parts:
        return 0.0
    for name in ("s-maxage", "max-age"):
        # The router is a shared cache: s-maxage speaks to it before max-age does.
        if name in parts:
            # An age that cannot be read is no permission to keep anything.
            given = _seconds(parts[name]) or 0.0
            return max(given - (_seconds(headers.get("age", "")) or 0.0), 0.0)
    return None


def _stale(parts: Mapping[str, str], name: str) -> float | None:
    if "must-revalidate" in parts or "proxy-revalidate" in parts:
        return 0.0
    return _seconds(parts[name]) if name in parts else None


def _seconds(text: str) -> float | None:
    text = text.strip()
    if not text.isascii() or not text.isdigit():
        return None
    return float(min(int(text[:12]), _SECONDS_MAX))


def write_cache_control(max_age_s: float, *, is_private: bool) -> str:
    """Returns the `Cache-Control` of an answer to a client."""
    seconds = int(max_age_s)
    if seconds <= 0:
        return "no-store"
    return f"{'private' if is_private else 'public'}, max-age={seconds}"
