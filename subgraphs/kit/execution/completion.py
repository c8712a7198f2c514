"""Completing values, a function for each type: `complete(run, value, path)`.

Such a function answers with the completed value, None, or pending work; it raises what is wrong as it is, to
be located by the position above. These are the ways that always hold; generated code goes round them for
values whose class tells everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from graphql import (
    GraphQLError,
    GraphQLLeafType,
    GraphQLObjectType,
    Undefined,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.pyutils import inspect, is_awaitable

from subgraphs.kit.execution.abstract_completion import complete_abstract
from subgraphs.kit.execution.leaves import changed_test, coerce_leaf, quick_leaf
from subgraphs.kit.execution.list_completion import ListCompletion
from subgraphs.kit.execution.paths import LightPath, field_path
from subgraphs.kit.execution.pending import Work

Complete = Callable[[Any, Any, LightPath], Any]


def completion_of(type_: Any, field: Any, position: Any = None) -> Complete:
    """Returns the function for values of the type at this field, or for items at a `position` within it."""
    position = position if position is not None else field
    inner = type_.of_type if is_non_null_type(type_) else type_
    if is_leaf_type(inner) and (test := changed_test(inner)) is not None:
        careful = _nullable(_leaf(inner, field))
        return quick_leaf(test, careful if inner is type_ else _non_null(careful, field))
    if is_non_null_type(type_):
        return _non_null(completion_of(type_.of_type, field, position), field)
    if is_list_type(type_):
        item = completion_of(type_.of_type, field, position.item)
        return _nullable(ListCompletion(type_.of_type, item, field, position.item).complete)
    if is_leaf_type(type_):
        return _nullable(_leaf(type_, field))
    if is_abstract_type(type_):
        return _nullable(complete_abstract(type_, field))
    return _nullable(_object(cast("GraphQLObjectType", type_), field))


def _non_null(inner: Complete, field: Any) -> Complete:
    message = f"Cannot return null for non-nullable field {field.parent}.{field.name}."

    def complete(run: Any, value: Any, path: LightPath) -> Any:
        completed = inner(run, value, path)
        if completed is None:
            raise TypeError(message)
        return completed

    return complete


def _nullable(inner: Complete) -> Complete:
    def complete(run: Any, value: Any, path: LightPath) -> Any:
        if value is None or value is Undefined:
            return None
        if isinstance(value, Exception):
            raise value
        return inner(run, value, path)

    return complete


def _leaf(leaf: GraphQLLeafType, field: Any) -> Complete:
    coerce = field.binding.coercion_of(leaf)

    def complete(_: Any, value: Any, __: LightPath) -> Any:
        return coerce_leaf(leaf, coerce, value)

    return complete


def _object(object_type: GraphQLObjectType, field: Any) -> Complete:
    selection = field.selection
    if object_type.is_type_of is None:
        # Not `selection.run` itself, which is replaced at the first use.
        return lambda run, value, path: selection.run(run, value, path)  # noqa: PLW0108
    return lambda run, value, path: check_type(object_type, field, run, value, path)


def check_type(object_type: GraphQLObjectType, field: Any, run: Any, value: Any, path: LightPath) -> Any:
    """Asks `is_type_of`, which may answer later, before the object's fields are resolved."""
    is_surely = field.sure_of(object_type)
    if is_surely is not None and is_surely(value):
        return field.selection.run_as(object_type, run, value, path)
    assert object_type.is_type_of is not None, "asked for by the caller"
    answer = object_type.is_type_of(value, field.info(run, field_path(path)))

    def go_on(run: Any, passed: Any, path: LightPath) -> Any:
        if not passed:
            message = f"Expected value of type '{object_type}' but got: {inspect(value)}."
            raise GraphQLError(message, field.nodes)
        return field.selection.run_as(object_type, run, value, path)

    return Work(answer, go_on) if is_awaitable(answer) else go_on(run, answer, path)
