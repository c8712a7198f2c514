"""Leaf values: which need no more than a look at their class, and what the others are coerced with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect

INT_MIN, INT_MAX = -(2**31), 2**31 - 1

TEXT_TEST = "type({v}) is not str"
_UNCHANGED = {
    GraphQLString.coerce_output_value: TEXT_TEST,
    GraphQLID.coerce_output_value: TEXT_TEST,
    GraphQLInt.coerce_output_value: f"type({{v}}) is not int or not {INT_MIN} <= {{v}} <= {INT_MAX}",
    # Neither an infinity nor a NaN is zero when taken from itself.
    GraphQLFloat.coerce_output_value: "type({v}) is not float or {v} - {v} != 0.0",
    GraphQLBoolean.coerce_output_value: "{v} is not True and {v} is not False",
}


def changed_test(leaf: GraphQLLeafType) -> str | None:
    """Returns Python that tells whether the value `{v}` may not be sent as it is; None where nothing tells.

    The built-in scalars are known by their functions, so that one with an own serializer is not taken for
    one.
    """
    if isinstance(leaf, GraphQLEnumType):
        return None
    return _UNCHANGED.get(leaf.coerce_output_value)


def quick_leaf(test: str, careful: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any, Any], Any]:
    """Returns the completion that sends what the test lets pass as it is, and asks the careful one else."""
    text = f"lambda run, value, path: careful(run, value, path) if {test.format(v='value')} else value"
    return eval(text, {"careful": careful})  # noqa: S307 - the test is one of those above


def coerce_leaf(leaf: GraphQLLeafType, coerce: Callable[[Any], Any], value: Any) -> Any:
    """Returns the coerced value; raises what graphql-core raises."""
    coerced = coerce(value)
    if coerced is None or coerced is Undefined:
        raise refused_leaf(leaf, value, coerced)
    return coerced


def refused_leaf(leaf: GraphQLLeafType, value: Any, coerced: Any) -> TypeError:
    """Returns the error of a serializer that answers with nothing."""
    return TypeError(
        f"Expected `{inspect(leaf)}.coerce_output_value({inspect(value)})` to return non-nullable value,"
        f" returned: {inspect(coerced)}"
    )
