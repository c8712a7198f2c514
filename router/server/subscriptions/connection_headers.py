"""The headers of a WebSocket's client: those of the handshake, under those it tells in `connection_init`.

A browser cannot set headers on a WebSocket, so clients put them into the payload: as its own entries, under
`headers`, or a bare token under `token` or `authToken`. Only headers that make a viewer are taken from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_TOKEN_ENTRIES = ("authToken", "token")
_VALUE_LENGTH_MAX = 16_384


def merge_headers(
    handshake: Mapping[str, str], payload: Mapping[str, Any], names: Iterable[str]
) -> dict[str, str]:
    """Returns the headers of the connection, by lower-case name."""
    merged = dict(handshake)
    told = payload.get("headers")
    wanted = frozenset(names)
    for entries in (payload, told if isinstance(told, Mapping) else {}):
        for name, value in entries.items():
            if str(name).lower() in wanted and _is_value(value):
                merged[str(name).lower()] = value
    if "authorization" in wanted and "authorization" not in {str(name).lower() for name in payload}:
        for entry in _TOKEN_ENTRIES:
            if _is_value(payload.get(entry)):
                merged["authorization"] = f"Bearer {payload[entry]}"
    return merged


def _is_value(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _VALUE_LENGTH_MAX and value.isprintable()
