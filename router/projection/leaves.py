"""Completes leaf values: what a subgraph may send for a scalar or an enum (GraphQL spec, 3.5 and 3.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLEnumType, GraphQLNamedType

MIN_INT, MAX_INT = -(2**31), 2**31 - 1


class BadLeafError(ValueError):
    """The value is none of the type's."""


def leaf_completer(named: GraphQLNamedType) -> Callable[[Any], Any]:
    """Returns the function that checks a non-null value of the type and raises BadLeafError otherwise."""
    if isinstance(named, GraphQLEnumType):
        return _enum_completer(named)
    return _BUILT_IN.get(named.name, _any)


def _enum_completer(enum: GraphQLEnumType) -> Callable[[Any], Any]:
    names = frozenset(enum.values)

    def complete(value: Any) -> Any:
        if not isinstance(value, str) or value not in names:
            raise BadLeafError(f"Enum {enum.name} cannot represent the value the subgraph sent.")
        return value

    return complete


def _any(value: Any) -> Any:
    return value


def _int(value: Any) -> Any:
    if type(value) is int and MIN_INT <= value <= MAX_INT:
        return value
    if type(value) is float and value.is_integer() and MIN_INT <= value <= MAX_INT:
        return int(value)
    raise BadLeafError("Int cannot represent the value the subgraph sent.")


def _float(value: Any) -> Any:
    if type(value) is float or type(value) is int:
        return value
    raise BadLeafError("Float cannot represent the value the subgraph sent.")


def _string(value: Any) -> Any:
    if type(value) is str:
        return value
    raise BadLeafError("String cannot represent the value the subgraph sent.")


def _boolean(value: Any) -> Any:
    if type(value) is bool:
        return value
    raise BadLeafError("Boolean cannot represent the value the subgraph sent.")


def _id(value: Any) -> Any:
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    raise BadLeafError("ID cannot represent the value the subgraph sent.")


_BUILT_IN: dict[str, Callable[[Any], Any]] = {
    "Int": _int,
    "Float": _float,
    "String": _string,
    "Boolean": _boolean,
    "ID": _id,
}
