"""Writes a document for any field of a schema, with arguments that point at somebody's objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

TRIES_MAX = 3
DEPTH = 3
INPUT_DEPTH_MAX = 6
# A value of each scalar that a service would take as well-formed.
SCALARS: Mapping[str, Any] = {
    "String": "a word of some length",
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "BigInt": "1",
    "DateTime": "2026-11-20T10:00:00+00:00",
    "Date": "2026-11-20",
    "Time": "10:00:00",
    "Decimal": "1.00",
    "JSON": {},
    "Locale": "fr",
    "Currency": "DZD",
    "Void": None,
}


class CannotGenerateError(Exception):
    """There is no value for an argument; the message names its type."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The ids of somebody's objects, by the kind of object in the singular."""

    ids: Mapping[str, Sequence[str]]

    def for_argument(self, name: str, owner: str) -> list[str]:
        """Returns ids an argument of this name, on a field or input of that name, may mean."""
        stem = name.removesuffix("Ids").removesuffix("Id").removesuffix("_id").lower()
        told = f"{stem} {owner}".lower() if stem in {"id", "ids", ""} else stem
        fitting = [kind for kind in self.ids if kind.replace("_", "") in told.replace("_", "")]
        fitting.sort(key=lambda kind: -len(kind))
        chosen = fitting[:1] or sorted(self.ids)
        return [self.ids[kind][0] for kind in chosen][:TRIES_MAX]


class DocumentWriter:
    """Writes documents for one schema."""

    def __init__(self, schema: GraphQLSchema, targets: Targets) -> None:
        self._schema = schema
        self._targets = targets

    def attempts(self, kind: str, name: str, field: GraphQLField) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields documents for a root field with their variables; raises CannotGenerateError."""
        given = {key: one for key, one in field.args.items() if self._is_wanted(key, one.type, one)}
        head = ", ".join(f"${key}: {one.type}" for key, one in given.items())
        inner = ", ".join(f"{key}: ${key}" for key in given)
        head, inner = (f"({head})", f"({inner})") if given else ("", "")
        selection = self.selection(get_named_type(field.type))
        document = f"{kind} Attempt{head} {{ found: {name}{inner} {selection} }}"
        for turn in range(TRIES_MAX if given else 1):
            yield document, {key: self._value(one.type, key, name, turn, 0) for key, one in given.items()}

    def selection(self, type_: Any, depth: int = DEPTH, without: frozenset[str] = frozenset()) -> str:
        """Returns every field below that takes no argument, as deep as told."""
        if is_leaf_type(type_):
            return ""
        parts = ["__typename"]
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            parts += self._fields(type_, depth, without)
        else:
            parts += [
                f"... on {one.name} {{ {' '.join(['__typename', *self._aliased(one, depth, without)])} }}"
                for one in self._schema.get_possible_types(type_)
            ]
        return f"{{ {' '.join(parts)} }}"

    def _aliased(self, type_: GraphQLObjectType, depth: int, without: frozenset[str]) -> list[str]:
        # Members of a union may have fields of one name and different types.
        return [f"{type_.name}_{one.split(' ')[0]}: {one}" for one in self._fields(type_, depth, without)]

    def _fields(
        self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int, without: frozenset[str]
    ) -> list[str]:
        found: list[str] = []
        for name, field in type_.fields.items():
            if name in without or any(is_required_argument(one) for one in field.args.values()):
                continue
            named = get_named_type(field.type)
            if is_leaf_type(named):
                found.append(name)
            elif depth > 1:
                found.append(f"{name} {self.selection(named, depth - 1)}")
        return found

    @staticmethod
    def _is_wanted(name: str, type_: GraphQLInputType, argument: Any) -> bool:
        named = get_named_type(type_)
        return is_required_argument(argument) or named.name == "ID" or name == "input"

    def _value(self, type_: Any, name: str, owner: str, turn: int, depth: int) -> Any:
        if depth > INPUT_DEPTH_MAX:
            raise CannotGenerateError(f"{owner}.{name} is nested too deeply")
        if isinstance(type_, GraphQLNonNull):
            return self._value(type_.of_type, name, owner, turn, depth)
        if isinstance(type_, GraphQLList):
            return [self._value(type_.of_type, name, owner, turn, depth)]
        if isinstance(type_, GraphQLEnumType):
            return next(iter(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            return self._input(type_, owner, turn, depth)
        assert isinstance(type_, GraphQLScalarType), "inputs are scalars, enums, objects and lists of them"
        if type_.name in {"ID", "UUID"}:
            ids = self._targets.for_argument(name, owner)
            return ids[turn % len(ids)]
        if type_.name not in SCALARS:
            raise CannotGenerateError(f"{owner}.{name} is of the scalar {type_.name}")
        return SCALARS[type_.name]

    def _input(self, type_: GraphQLInputObjectType, owner: str, turn: int, depth: int) -> dict[str, Any]:
        wanted = {
            name: one
            for name, one in type_.fields.items()
            if is_required_input_field(one) or get_named_type(one.type).name in {"ID", "UUID"}
        }
        if type_.is_one_of and not wanted:
            wanted = dict([next(iter(type_.fields.items()))])
        where = f"{owner} {type_.name}"
        return {name: self._value(one.type, name, where, turn, depth + 1) for name, one in wanted.items()}
