"""An order that no two rows share, and the condition "comes after this row" in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, or_, tuple_
from sqlalchemy.orm import QueryableAttribute

Column = ColumnElement[Any] | QueryableAttribute[Any]


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column or expression to sort by. It must never be null: wrap a nullable one in `coalesce`."""

    name: str
    expression: Column
    descending: bool = False


class Keyset:
    """Sort keys, closed by a unique one (the id), so that every row has its own place."""

    def __init__(self, keys: Sequence[SortKey]) -> None:
        self.keys = tuple(keys)
        story = ",".join(f"{key.name}{'-' if key.descending else '+'}" for key in self.keys)
        self.fingerprint = hashlib.sha256(story.encode()).hexdigest()[:8]

    @property
    def types(self) -> list[type]:
        """The Python types of the keys, by which cursors are read."""
        return [key.expression.type.python_type for key in self.keys]

    def order_by(self, *, reverse: bool = False) -> list[ColumnElement[Any]]:
        """Returns the ORDER BY terms."""
        return [
            key.expression.desc() if key.descending is not reverse else key.expression.asc()
            for key in self.keys
        ]

    def after(self, values: Sequence[Any]) -> ColumnElement[bool]:
        """Returns the condition of rows strictly behind the row with these values (or parameters)."""
        return self._beyond(values, reverse=False)

    def before(self, values: Sequence[Any]) -> ColumnElement[bool]:
        """Returns the condition of rows strictly ahead of the row with these values (or parameters)."""
        return self._beyond(values, reverse=True)

    def _beyond(self, values: Sequence[Any], *, reverse: bool) -> ColumnElement[bool]:
        literals = [
            value if isinstance(value, ColumnElement) else literal(value, key.expression.type)
            for key, value in zip(self.keys, values, strict=True)
        ]
        directions = {key.descending for key in self.keys}
        if len(directions) == 1:
            # A row comparison lets PostgreSQL start reading the index at that very place.
            mine = tuple_(*[key.expression for key in self.keys])
            theirs = tuple_(*literals)
            return mine < theirs if directions.pop() is not reverse else mine > theirs
        return self._beyond_mixed(literals, reverse=reverse)

    def _beyond_mixed(self, literals: Sequence[Any], *, reverse: bool) -> ColumnElement[bool]:
        """Spells the comparison out: equal in the first n keys and beyond in the next, for every n."""
        cases: list[ColumnElement[bool]] = []
        equal: list[ColumnElement[bool]] = []
        for key, value in zip(self.keys, literals, strict=True):
            column = key.expression
            beyond = column < value if key.descending is not reverse else column > value
            cases.append(and_(*equal, beyond))
            equal.append(column == value)
        return or_(false(), *cases)
