"""What tells values of leaf fields apart, as expressions of generated code."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import GraphQLEnumType, GraphQLNamedType, GraphQLScalarType, get_nullable_type

from router.executor.compiled.shape import ShapeField

# Scalars whose values are all of one Python type, and all that the spec has.
_TYPED = frozenset({"ID", "String", "Int", "Boolean"})
_BUILT_IN = _TYPED | {"Float"}


def is_hashable(field: ShapeField) -> bool:
    """Whether the values of a leaf field can be keys of a dict."""
    type_ = get_nullable_type(field.type)
    return isinstance(type_, GraphQLNamedType) and is_built_in(type_)


def is_built_in(named: GraphQLNamedType) -> bool:
    """Whether a type is a scalar of the spec's own or an enum, whose values are checked."""
    return isinstance(named, GraphQLEnumType) or named.name in _BUILT_IN


def is_typed(field: ShapeField) -> bool:
    """Whether the values of a leaf field are all of one Python type, so that equal ones are the same."""
    type_ = get_nullable_type(field.type) if field.is_output else None
    return isinstance(type_, GraphQLEnumType) or (
        isinstance(type_, GraphQLScalarType) and type_.name in _TYPED
    )


def tuple_of(variables: Sequence[str], *, with_classes: bool) -> str:
    """Returns the expression that is equal for equal values.

    Values that may be of several types are told apart by these: 1, 1.0 and true are equal in Python.
    """
    parts = [f"{one}, {one}.__class__" if with_classes else one for one in variables]
    if len(parts) == 1 and not with_classes:
        return parts[0]
    return f"({', '.join(parts)},)" if parts else "()"
