"""Cursors: opaque text that names a place in one particular order.

They are not signed: a cursor says no more than a `where` could, and the tenant filter stands beside it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any
from uuid import UUID

import orjson

from subgraphs.kit.errors import BadUserInput

CURSOR_LENGTH_MAX = 2_048


def encode_cursor(order: str, values: Sequence[Any]) -> str:
    """Returns the cursor of a row: the order's fingerprint and the row's values in it."""
    content = orjson.dumps([order, [_to_json(value) for value in values]])
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_cursor(text: str, order: str, types: Sequence[type]) -> list[Any]:
    """Returns the values a cursor names, or raises BadUserInput when it is not one of this order."""
    if len(text) > CURSOR_LENGTH_MAX:
        raise BadUserInput("The cursor is not valid")
    try:
        content = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        found_order, values = content
        if found_order != order or len(values) != len(types):
            raise BadUserInput("The cursor belongs to another order; start again without it")
        return [_from_json(value, kind) for value, kind in zip(values, types, strict=True)]
    except (binascii.Error, ValueError, TypeError, InvalidOperation) as error:
        raise BadUserInput("The cursor is not valid") from error


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.name
    return value


def _from_json(value: Any, kind: type) -> Any:
    if issubclass(kind, Enum):
        return _member(kind, value)
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    if kind in (UUID, Decimal):
        if not isinstance(value, str):
            raise TypeError(f"{kind.__name__} is written as text")
        return kind(value)
    if type(value) is not kind:  # bool must not pass for int
        raise TypeError(f"expected {kind.__name__}")
    return value


def _member(kind: type[Enum], name: Any) -> Enum:
    try:
        return kind[name]
    except KeyError as error:
        raise ValueError("no such member") from error
