"""msgspec types: one Struct for each shape, so that decoding checks and filters and encoding projects, in C.

The fields of a shape's Struct stand in the order of the response, the hidden ones after them. Those that the
creator of the object brings must be there; those of later fetches begin unset. What is unset is not encoded:
hiding a field is setting it so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from graphql import GraphQLEnumType, GraphQLList, GraphQLNamedType, GraphQLNonNull, get_named_type

from router.executor.compiled.shape import Origin, Shape, ShapeField
from router.plan import Fetch

_BUILT_IN: Mapping[str, Any] = {
    "Int": Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)],
    "Float": int | float,
    "String": str,
    "Boolean": bool,
    "ID": str,
}


class NotCleanError(Exception):
    """An answer is not plainly right; the interpreting executor finds out what to do about it."""


class StructTypes:
    """The Struct types of one plan, which ignore fields they do not know unless told to refuse them.

    `names` are the GraphQL types of those that stand for an abstract one."""

    def __init__(self, *, takes_unknown: bool = True) -> None:
        self._takes_unknown = takes_unknown
        self._types: dict[Shape, type[msgspec.Struct]] = {}
        self.names: dict[type[msgspec.Struct], str] = {}
        self._parts: dict[tuple[Shape, Origin], type[msgspec.Struct]] = {}

    def of_shape(self, shape: Shape) -> type[msgspec.Struct]:
        """Returns the type of a shape's objects."""
        shape = shape.canonical()
        if shape not in self._types:
            fields = [self._field(one, shape.origin) for one in shape.fields.values()]
            self._types[shape] = self._define(
                fields, {one.attribute: one.key for one in shape.fields.values()}
            )
        return self._types[shape]

    def of_part(self, shape: Shape, origin: Origin) -> type[msgspec.Struct]:
        """Returns the type of what `origin` brings to objects that are there already."""
        if (shape, origin) not in self._parts:
            brought = shape.brought_by(origin)
            fields = [(one.attribute, self._value_type(one, origin)) for one in brought]
            self._parts[shape, origin] = self._define(fields, {one.attribute: one.key for one in brought})
        return self._parts[shape, origin]

    def by_name(self, one: ShapeField, origin: Origin) -> dict[str | None, type[msgspec.Struct]]:
        """Returns the types of the objects that `origin` may bring under a field, by their GraphQL types."""
        alive = {name: shape for name, shape in (one.below or {}).items() if not shape.is_dead}
        if one.is_created_by(origin):
            types = {name: self.of_shape(shape) for name, shape in alive.items()}
            self.names.update((type_, str(name)) for name, type_ in types.items())
            return types
        return {name: self.of_part(shape, origin) for name, shape in alive.items()}

    def of_response(self, fetch: Fetch, rows: Mapping[int, Any], root: Any) -> type[msgspec.Struct]:
        """Returns the type of a fetch's response; `rows` are those of its entity groups by their number."""
        data: Any = root
        if fetch.entities:
            keys = {f"e{number}": entities.key for number, entities in enumerate(fetch.entities)}
            data = self._define([(f"e{number}", list[rows[number]]) for number in rows], keys)
        return msgspec.defstruct(
            "Response",
            [
                ("data", data | None, None),
                ("errors", list[Any] | None, None),
                ("extensions", dict | None, None),
            ],
            gc=False,
        )

    def _define(self, fields: list[Any], keys: Mapping[str, str]) -> type[msgspec.Struct]:
        return msgspec.defstruct(
            "Shape",
            fields,
            kw_only=True,
            rename=dict(keys),
            gc=False,
            forbid_unknown_fields=not self._takes_unknown,
        )

    def _field(self, one: ShapeField, origin: Origin | None) -> tuple[str, Any] | tuple[str, Any, Any]:
        type_ = self._value_type(one, one.providers[0] if one.providers else None)
        if one.providers and one.providers[0] == origin:
            return one.attribute, type_
        if one.constant is not None:
            return one.attribute, type_, one.constant
        # A nullable field that nobody brings is null; others wait for the fetch that brings them.
        return one.attribute, type_ | msgspec.UnsetType, msgspec.UNSET if one.providers else None

    def _value_type(self, one: ShapeField, origin: Origin | None) -> Any:
        if one.constant is not None:
            return Literal[one.constant]
        if one.is_tagged or (not one.is_output and one.below is None):
            return Any
        assert one.type is not None, "only what the API schema has is more than a value"
        if one.below is None:
            return _wrapped(one.type, leaf_type(get_named_type(one.type)))
        (shape,) = one.below.values()
        if shape.is_dead or origin is None:
            return Any
        is_created = one.is_created_by(origin)
        return _wrapped(one.type, self.of_shape(shape) if is_created else self.of_part(shape, origin))


def leaf_type(named: GraphQLNamedType) -> Any:
    """Returns the Python type of a scalar's or an enum's values in JSON."""
    if isinstance(named, GraphQLEnumType):
        return Literal[tuple(named.values)]
    return _BUILT_IN.get(named.name, Any)


def _wrapped(type_: Any, named: Any) -> Any:
    if isinstance(type_, GraphQLNonNull):
        return _bare(type_.of_type, named)
    return _bare(type_, named) | None if named is not Any else _bare(type_, named)


def _bare(type_: Any, named: Any) -> Any:
    return list[_wrapped(type_.of_type, named)] if isinstance(type_, GraphQLList) else named


def make_tagged(types: Mapping[str | None, type[msgspec.Struct]]) -> Callable[[Any], msgspec.Struct]:
    """Returns the function that makes an object of an abstract type what its `__typename` says."""
    convert = msgspec.convert

    def tagged(value: Any) -> msgspec.Struct:
        try:
            type_ = types[value["__typename"]]
        except (KeyError, TypeError) as error:
            raise NotCleanError("an object of no type that may stand there") from error
        return convert(value, type_)

    return tagged
