"""The cost of an operation as a function of its variables; what needs none of them is a number already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# No list has more items, whatever a client writes; so no estimate leaves the exact numbers.
SIZE_MAX = 2**31

Variables = Mapping[str, Any]
Part = Callable[[Variables], int]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A constant, and parts that depend on variables."""

    constant: int = 0
    parts: tuple[Part, ...] = ()

    def of(self, variables: Variables) -> int:
        """Returns the cost with these variables."""
        total = self.constant
        for part in self.parts:
            total += part(variables)
        return total

    def plus(self, other: Estimate) -> Estimate:
        """Returns the sum."""
        return Estimate(self.constant + other.constant, (*self.parts, *other.parts))


NOTHING = Estimate()


def total_of(estimates: Sequence[Estimate]) -> Estimate:
    """Returns the sum of all."""
    constant = sum(one.constant for one in estimates)
    return Estimate(constant, tuple(part for one in estimates for part in one.parts))


def greatest_of(estimates: Sequence[Estimate]) -> Estimate:
    """Returns the greatest: an object is of one of several types, each with fields of its own."""
    constant = max((one.constant for one in estimates if not one.parts), default=0)
    varying = [one for one in estimates if one.parts]
    if not varying:
        return Estimate(constant)
    return Estimate(0, (lambda variables: max(constant, *(one.of(variables) for one in varying)),))


@dataclass(frozen=True, slots=True)
class Size:
    """How many items a list has: a number, or the greatest of some variables and numbers.

    `fallback` holds where none of the variables has a value.
    """

    fixed: int | None
    variables: tuple[str, ...] = ()
    fallback: int = 0

    def of(self, variables: Variables) -> int:
        """Returns the size with these variables."""
        found = [_as_size(variables.get(name)) for name in self.variables]
        given = [size for size in (self.fixed, *found) if size is not None]
        return max(given, default=self.fallback)

    def times(self, each: Estimate) -> Estimate:
        """Returns the cost of a list whose items cost `each`."""
        if not self.variables:
            size = self.fallback if self.fixed is None else self.fixed
            if not each.parts:
                return Estimate(size * each.constant)
            return Estimate(0, (lambda variables: size * each.of(variables),))
        return Estimate(0, (lambda variables: self.of(variables) * each.of(variables),))


def _as_size(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return min(max(value, 0), SIZE_MAX)
