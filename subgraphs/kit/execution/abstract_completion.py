"""Values of interfaces and unions: which object type each is of, then the completion of that type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    default_type_resolver,
    is_object_type,
)
from graphql.pyutils import inspect, is_awaitable

from subgraphs.kit.execution.paths import LightPath, field_path
from subgraphs.kit.execution.pending import Work


def complete_abstract(abstract: GraphQLAbstractType, field: Any) -> Callable[[Any, Any, LightPath], Any]:
    """Returns the function that completes values of the abstract type at this field."""
    resolve_type: Any = abstract.resolve_type or default_type_resolver
    name_of = field.binding.type_name_function(abstract)

    selection = field.selection
    ready: dict[str | None, Any] = {}
    """The plans' own functions, by type name, where nothing has to be asked any more."""

    def complete(run: Any, value: Any, path: LightPath) -> Any:
        name = name_of(value) if name_of is not None else None
        go_on = ready.get(name)
        if go_on is not None:
            return go_on(run, value, path)
        if name is None:
            name = resolve_type(value, field.info(run, field_path(path)), abstract)
            if is_awaitable(name):
                return Work(name, lambda run, name, path: as_type(run, name, value, path))
        return as_type(run, name, value, path)

    def as_type(run: Any, name: Any, value: Any, path: LightPath) -> Any:
        object_type = valid_type(run, name, value)
        if object_type.is_type_of is not None:
            return field.check_type(object_type, run, value, path)
        if selection.conditions:
            return selection.run_as(object_type, run, value, path)
        completed = selection.run_as(object_type, run, value, path)
        ready[name] = selection.plan_of(object_type, run).run
        return completed

    def valid_type(run: Any, name: Any, value: Any) -> GraphQLObjectType:
        known = run.object_types.get((abstract.name, name)) if type(name) is str else None
        if known is None:
            known = valid_runtime_type(run.schema, name, abstract, field, value)
            run.object_types[(abstract.name, name)] = known
        return known

    return complete


def valid_runtime_type(
    schema: Any, name: Any, abstract: GraphQLAbstractType, field: Any, value: Any
) -> GraphQLObjectType:
    """Returns the object type of this name; raises what graphql-core raises when it cannot be the value's."""
    if name is None:
        message = (
            f"Abstract type '{abstract}' must resolve to an Object type at runtime for field"
            f" '{field.parent}.{field.name}'. Either the '{abstract}' type should provide a 'resolve_type'"
            " function or each possible type should provide an 'is_type_of' function."
        )
        raise GraphQLError(message, field.nodes)
    if not isinstance(name, str):
        message = (
            f"Abstract type '{abstract}' must resolve to an Object type at runtime for field"
            f" '{field.parent}.{field.name}' with value {inspect(value)}, received '{inspect(name)}',"
            " which is not a valid Object type name."
        )
        raise GraphQLError(message, field.nodes)
    object_type = schema.get_type(name)
    if object_type is None:
        message = (
            f"Abstract type '{abstract}' was resolved to a type '{name}'"
            " that does not exist inside the schema."
        )
    elif not is_object_type(object_type):
        message = f"Abstract type '{abstract}' was resolved to a non-object type '{name}'."
    elif not schema.is_sub_type(abstract, object_type):
        message = f"Runtime Object type '{object_type}' is not a possible type for '{abstract}'."
    else:
        return object_type
    raise GraphQLError(message, field.nodes)
