"""Which classes of values are plain: neither awaitable, nor an error, nor callable, nor nothing.

Asking a value whether it has `__await__` costs more than everything else about it, so the answer is kept by
class. Exact classes only: what is not found here is asked, and then remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import CoroutineType
from typing import Any

from graphql import Undefined

CLASSES_MAX = 10_000
"""Beyond it classes are asked every time; a process that makes classes as it goes must not grow for it."""

PLAIN: set[type[Any]] = {str, int, float, bool, list, tuple, dict, set, frozenset, bytes}
WITHOUT_KEYS: set[type[Any]] = set()
"""Classes whose fields are attributes."""


def learn(value: Any) -> None:
    """Remembers the class of the value if it is plain."""
    kind = type(value)
    if value is None or value is Undefined or len(PLAIN) >= CLASSES_MAX:
        return
    if issubclass(kind, (Exception, CoroutineType)) or hasattr(value, "__await__") or callable(value):
        return
    PLAIN.add(kind)


def has_keys(value: Any) -> bool:
    """Returns whether the fields of the value are keys of a mapping."""
    kind = type(value)
    if kind in WITHOUT_KEYS:
        return False
    if issubclass(kind, Mapping):
        return True
    if len(WITHOUT_KEYS) < CLASSES_MAX:
        WITHOUT_KEYS.add(kind)
    return False
