"""A bounded cache that forgets what was used longest ago."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(Generic[Value]):
    """Keeps at most `size_max` values by key, and counts how often what was asked for was there."""

    def __init__(self, size_max: int) -> None:
        self._size_max = size_max
        self.hits = 0
        self.misses = 0
        self.evicted = 0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """Returns the value of `key`, None when it is not there."""
        found = self._values.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._values.move_to_end(key)
        return found

    def keep(self, key: Hashable, value: Value) -> Value:
        """Returns what is kept under `key`: what was there, else `value` from now on."""
        kept = self._values.setdefault(key, value)
        if len(self._values) > self._size_max:
            self._values.popitem(last=False)
            self.evicted += 1
        return kept

    def get_or_make(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Returns the value of `key`, made on first use; a `make` that raises leaves nothing behind."""
        found = self.get(key)
        return self.keep(key, make()) if found is None else found

    def values(self) -> Iterable[Value]:
        """Returns all that is kept, what was used longest ago first."""
        return self._values.values()

    def __len__(self) -> int:
        return len(self._values)
