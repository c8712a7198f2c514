"""How a field's value is got from its source, in the terms that code is generated from.

`Binding` is the seam for frameworks over graphql-core: it says of each field how its value can be had most
directly. The one here knows graphql-core alone; `strawberry_binding` knows Strawberry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLResolveInfo,
    TypeNameMetaFieldDef,
)

from subgraphs.kit.execution.resolve_info import LazyInfo

Convert = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every source."""

    value: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that must be there."""

    name: str


@dataclass(frozen=True, slots=True)
class Property:
    """What graphql-core's default resolver finds: key or attribute, called when it can be, else nothing."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of `function`.

    `source` and `info` name the keyword they are given by, "" gives them by position (source first), None not
    at all. `wrap_info` makes of graphql-core's info what the function expects. `convert` makes keywords of
    the coerced arguments.
    """

    function: Callable[..., Any]
    source: str | None = ""
    info: str | None = ""
    wrap_info: Callable[[GraphQLResolveInfo], Any] | None = None
    convert: Convert | None = None
    fallback: str | None = None
    """Why the framework's own resolver is called rather than the function behind it, if it is."""

    @property
    def is_asynchronous(self) -> bool:
        """Whether the call surely answers with a coroutine."""
        return iscoroutinefunction(self.function)


Resolution = Constant | Attribute | Property | Call


class Binding:
    """What the compiler asks about a schema; this one answers for plain graphql-core."""

    def resolution_of(self, field_name: str, field: GraphQLField, parent_name: str) -> Resolution:
        """Returns how the field is resolved."""
        if field is TypeNameMetaFieldDef:
            return Constant(parent_name)
        return Property(field_name) if field.resolve is None else Call(field.resolve)

    def coercion_of(self, leaf: GraphQLLeafType) -> Callable[[Any], Any]:
        """Returns what coerces a value of the leaf type for the response."""
        return leaf.coerce_output_value

    def type_name_function(self, abstract: GraphQLAbstractType) -> Callable[[Any], str | None] | None:
        """Returns what tells the object type's name of a value without asking `resolve_type`, or None."""
        return None

    def is_surely(self, object_type: Any) -> Callable[[Any], bool] | None:
        """Returns what tells that a value passes the type's `is_type_of` without asking it, or None."""
        return None

    def info_class(self) -> type[LazyInfo]:
        """Returns the class of the `info` that resolvers receive."""
        return LazyInfo

    def executor_options(self, extensions: Mapping[str, Any] | None) -> dict[str, Any]:
        """Returns what graphql-core's `execute` is given besides, for operations that are not compiled."""
        return {}
