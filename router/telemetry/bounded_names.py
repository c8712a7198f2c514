"""Names from outside as labels of metrics, held to a number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

OTHER = "(other)"
Value = TypeVar("Value")


class BoundedNames(Generic[Value]):
    """Keeps a value for each of the first `names_max` names; all later ones share that of `(other)`."""

    def __init__(self, names_max: int, make: Callable[[str], Value]) -> None:
        self._names_max = names_max
        self._make = make
        self._values: dict[str, Value] = {}
        self._other: Value | None = None

    def of(self, name: str) -> Value:
        """Returns the value of a name; one dictionary look-up for a known one."""
        found = self._values.get(name)
        if found is not None:
            return found
        if len(self._values) < self._names_max:
            made = self._values[name] = self._make(name)
            return made
        if self._other is None:
            self._other = self._make(OTHER)
        return self._other

    def values(self) -> Iterator[Value]:
        """Yields the values of all names, that of `(other)` last."""
        yield from self._values.values()
        if self._other is not None:
            yield self._other

    def __len__(self) -> int:
        return len(self._values)
