"""A where-input compiled to a condition.

A where-input is a Strawberry input whose fields are filters, plus `and_`, `or_` (lists of itself) and `not_`
(itself), declared with `logical("AND")` and so on. An empty where, and an absent operator, restrict nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import ColumnElement, and_, false, not_, or_, true
from strawberry import UNSET

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.filtering.inputs import IDFilter
from subgraphs.kit.ids import read_id
from subgraphs.kit.pagination.keyset import Column

DEPTH_MAX = 5
CONDITIONS_MAX = 50
LIST_LENGTH_MAX = 100
TEXT_LENGTH_MAX = 500

Condition = ColumnElement[bool]
Columns = Mapping[str, Column | Callable[[Any], Condition]]
"""For each field of the where-input a column, or a function from the filter to a condition."""

_OPERATORS: Mapping[str, Callable[[Any, Any], Condition]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: column.is_distinct_from(value),
    "in_": lambda column, value: column.in_(value),
    "nin": lambda column, value: column.not_in(value),
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "contains": lambda column, value: column.icontains(value, autoescape=True),
    "starts_with": lambda column, value: column.istartswith(value, autoescape=True),
    "is_null": lambda column, value: column.is_(None) if value else column.is_not(None),
}


def logical(name: str) -> Any:
    """Returns the field of a where-input that holds AND, OR or NOT."""
    return strawberry.field(name=name, default=UNSET)


@dataclass
class _Budget:
    conditions: int = CONDITIONS_MAX

    def spend(self) -> None:
        self.conditions -= 1
        if self.conditions < 0:
            raise BadUserInput(f"`where` has at most {CONDITIONS_MAX} conditions")


def compile_where(where: Any | None, columns: Columns) -> Condition:
    """Returns the condition; raises BadUserInput beyond the depth, the conditions or the list lengths."""
    if where is None or where is UNSET:
        return true()
    return _compile(where, columns, _Budget(), depth=1)


def compile_filter(filter_: Any, column: Column) -> Condition:
    """Returns the condition of one filter over a column, for where-fields that need a subquery around it."""
    return and_(true(), *_operator_conditions(filter_, column, _Budget()))


def _compile(where: Any, columns: Columns, budget: _Budget, depth: int) -> Condition:
    if depth > DEPTH_MAX:
        raise BadUserInput(f"`where` nests at most {DEPTH_MAX} deep")
    parts: list[Condition] = []
    for name, value in _given(where):
        if name == "not_":
            parts.append(not_(_compile(value, columns, budget, depth + 1)))
        elif name in ("and_", "or_"):
            parts.append(_join(name, value, columns, budget, depth))
        else:
            parts.extend(_field_conditions(value, columns[name], budget))
    return and_(true(), *parts)


def _join(name: str, items: Sequence[Any], columns: Columns, budget: _Budget, depth: int) -> Condition:
    compiled = [_compile(item, columns, budget, depth + 1) for item in items]
    return and_(true(), *compiled) if name == "and_" else or_(false(), *compiled)


def _field_conditions(
    filter_: Any, column: Column | Callable[[Any], Condition], budget: _Budget
) -> Iterator[Condition]:
    if callable(column) and not hasattr(column, "type"):
        budget.spend()
        yield column(filter_)
    else:
        yield from _operator_conditions(filter_, column, budget)


def _operator_conditions(filter_: Any, column: Any, budget: _Budget) -> Iterator[Condition]:
    convert = _to_uuid if isinstance(filter_, IDFilter) else _checked
    for name, value in _given(filter_):
        budget.spend()
        if isinstance(value, list):
            if len(value) > LIST_LENGTH_MAX:
                raise BadUserInput(f"A list in `where` has at most {LIST_LENGTH_MAX} values")
            converted: Any = [convert(item) for item in value]
        else:
            converted = value if name == "is_null" else convert(value)
        yield _OPERATORS[name](column, converted)


def _given(given: Any) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(given):
        value = getattr(given, field.name)
        if value is UNSET:
            continue
        if value is None:
            raise BadUserInput(f"`{field.name.rstrip('_')}` cannot be null in `where`; use isNull")
        yield field.name, value


def _checked(value: Any) -> Any:
    if isinstance(value, str) and len(value) > TEXT_LENGTH_MAX:
        raise BadUserInput(f"A text in `where` has at most {TEXT_LENGTH_MAX} characters")
    return value


def _to_uuid(value: str) -> UUID:
    found = read_id(value)
    if found is None:
        raise BadUserInput("`where` has an id that is not one")
    return found
