"""What may stand in the audit trail of a call's arguments and of changed rows: no secrets, no bulk.

The trail outlives what it tells of and is read by many: what opens a door is blanked here, not there.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from strawberry import UNSET

BLANK = "***"
TEXT_LENGTH_MAX = 1_000
ITEMS_MAX = 50
ARGUMENTS_BYTES_MAX = 50_000
DEPTH_MAX = 6
_SECRET = re.compile(
    r"passw|secret|token|hash|otp|recovery|private|credential|signature|api_?key|^code$|_code$|pin$", re.I
)
_BYTES = "\\x"  # how PostgreSQL writes bytea in JSON
_PLAIN_CODES = frozenset({"country_code", "currency_code", "wilaya_code", "postal_code", "error_code"})


def is_secret(name: str) -> bool:
    """Whether what stands under this name must not be shown."""
    return _SECRET.search(name) is not None and name not in _PLAIN_CODES


def recordable_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments of a call, or how long they are where even the shortened ones are too long."""
    shown = recordable(arguments)
    size = len(repr(shown))
    return shown if size <= ARGUMENTS_BYTES_MAX else {"left_out": f"{size} characters"}


def recordable(value: Any, depth: int = 0) -> Any:
    """Returns the value as JSON that PostgreSQL gives back unchanged, shortened and without secrets."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        # Adding zero turns -0.0, which PostgreSQL does not keep, into 0.0.
        return value + 0.0 if math.isfinite(value) else str(value)
    if isinstance(value, Enum):
        return value.name
    if depth > DEPTH_MAX:
        return "..."
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return _mapping(value, depth)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        kept = [recordable(item, depth + 1) for item in value[:ITEMS_MAX]]
        return [*kept, f"... {len(value) - ITEMS_MAX} more"] if len(value) > ITEMS_MAX else kept
    return _text(value)


def _mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    return {
        str(name): BLANK if is_secret(str(name)) and each is not None else recordable(each, depth + 1)
        for name, each in value.items()
        if each is not UNSET
    }


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return "(bytes)"
    text = str(value)
    if text.startswith(_BYTES):
        return "(bytes)"
    if len(text) > TEXT_LENGTH_MAX:
        text = f"{text[:TEXT_LENGTH_MAX]}... {len(text) - TEXT_LENGTH_MAX} more"
    # Neither can be stored as JSON by PostgreSQL.
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def row_change(
    table: str, key_columns: Sequence[str], before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Returns what became of a row: of one made or deleted all columns, of a changed one what differs."""
    row = after if after is not None else before
    assert row is not None, "a change has a row before it or after it"
    key = {name: row.get(name) for name in key_columns}
    if before is not None and after is not None:
        differing = [name for name, value in after.items() if before.get(name) != value]
        before = {name: before.get(name) for name in differing}
        after = {name: after[name] for name in differing}
    return {
        "table": table,
        "key": recordable(key),
        "before": recordable(before),
        "after": recordable(after),
    }
