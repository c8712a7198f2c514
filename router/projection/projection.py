"""Compiles an operation into a function over merged data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from router.operation import DeferredGroup, Field, Operation
from router.operation.model import INITIAL, TYPENAME, Selections
from router.projection.leaves import BadLeafError, leaf_completer
from router.response.result import ResponseError

ResponsePath = tuple[str | int, ...]
DENIED = "UNAUTHORIZED_FIELD_OR_TYPE"
DENIALS_MAX = 100


class _Invalid:
    """Stands for a null where none may be, on its way up to the nearest nullable place."""


INVALID = _Invalid()


@dataclass(slots=True)
class _Run:
    """One projection under way: where it stands and what it found wrong."""

    path: list[str | int] = field(default_factory=list)
    errors: list[ResponseError] = field(default_factory=list)
    denials_left: int = DENIALS_MAX

    def refuse(self, message: str, code: str = "DOWNSTREAM_SERVICE_ERROR") -> None:
        self.errors.append(ResponseError(message, code, tuple(self.path)))

    def deny(self) -> None:
        # A long list of what may not be read would tell the same at each of its places.
        if self.denials_left > 0:
            self.denials_left -= 1
            self.refuse("Unauthorized field or type", DENIED)


Complete = Callable[[Any, _Run], Any]


@dataclass(frozen=True, slots=True)
class Projection:
    """The compiled shape of an operation's response."""

    _complete: Complete

    def project(
        self,
        data: dict[str, Any],
        known: Iterable[ResponseError] = (),
        path: ResponsePath = (),
        *,
        denials_max: int = DENIALS_MAX,
    ) -> tuple[dict[str, Any] | None, tuple[ResponseError, ...]]:
        """Returns the response's data and the errors found in shaping it.

        `known` are the subgraphs' errors: a null they already explain is not reported again. `path` is where
        in the response the data stands. At most `denials_max` errors tell what the viewer may not read.
        """
        run = _Run(list(path), denials_left=denials_max)
        shaped = self._complete(data, run)
        explained = [error.path for error in known]
        found = tuple(
            error
            for error in run.errors
            if error.code == DENIED or not _is_explained(error.path or (), explained)
        )
        return (None if shaped is INVALID else shaped), found


def compile_projection(schema: GraphQLSchema, operation: Operation) -> Projection:
    """Returns the projection of a normalised operation that is valid for `schema`: its initial response."""
    compiler = _Compiler(schema, INITIAL, operation.denied_types)
    root = schema.type_map[operation.root_type]
    assert isinstance(root, GraphQLObjectType), "a root type is an object type"
    return Projection(compiler.object_of(root, operation.selections, root.name))


def compile_deferred(schema: GraphQLSchema, group: DeferredGroup) -> Projection:
    """Returns the projection of what a deferred group asks of one object."""
    named = schema.type_map[group.type_name]
    assert isinstance(named, (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType)), "it has fields"
    return Projection(_Compiler(schema, group.id).composite_of(named, group.selections, named.name))


def _is_explained(path: ResponsePath, explained: Iterable[ResponsePath | None]) -> bool:
    """Whether an error at, above or below `path` is known already; one without a path explains everything."""
    for other in explained:
        if other is None:
            return True
        shorter = min(len(path), len(other))
        if path[:shorter] == other[:shorter]:
            return True
    return False


class _Compiler:
    """Compiles what one part of the response shows: the fields that are asked by its `group`."""

    def __init__(self, schema: GraphQLSchema, group: int, denied_types: frozenset[str] = frozenset()) -> None:
        self._schema = schema
        self._group = group
        self._denied_types = denied_types

    # -- values --------------------------------------------------------------------------------------

    def value_of(self, type_: GraphQLOutputType, selections: Selections | None, coordinate: str) -> Complete:
        """Returns the completion of a value of `type_`: null where it may be, INVALID where it may not."""
        if isinstance(type_, GraphQLNonNull):
            return self._non_null(self._nullable(type_.of_type, selections, coordinate), coordinate)
        return self._null_for_invalid(self._nullable(type_, selections, coordinate))

    def _nullable(self, type_: Any, selections: Selections | None, coordinate: str) -> Complete:
        if isinstance(type_, GraphQLList):
            return self._list(self.value_of(type_.of_type, selections, coordinate), coordinate)
        named = get_named_type(type_)
        if selections is None:
            return self._leaf(named)
        return self.composite_of(named, selections, coordinate)

    @staticmethod
    def _non_null(complete: Complete, coordinate: str) -> Complete:
        message = f"Cannot return null for non-nullable field {coordinate}."

        def completed(value: Any, run: _Run) -> Any:
            if value is None:
                run.refuse(message)
                return INVALID
            found = complete(value, run)
            # The value itself was refused (the error is there already): its null may not stay here.
            return INVALID if found is None else found

        return completed

    @staticmethod
    def _null_for_invalid(complete: Complete) -> Complete:
        def completed(value: Any, run: _Run) -> Any:
            if value is None:
                return None
            found = complete(value, run)
            return None if found is INVALID else found

        return completed

    @staticmethod
    def _leaf(named: GraphQLNamedType) -> Complete:
        check = leaf_completer(named)

        def completed(value: Any, run: _Run) -> Any:
            try:
                return check(value)
            except BadLeafError as error:
                run.refuse(str(error))
                return INVALID

        return completed

    @staticmethod
    def _list(complete_item: Complete, coordinate: str) -> Complete:
        def completed(value: Any, run: _Run) -> Any:
            if not isinstance(value, list):
                run.refuse(f"Expected a list for field {coordinate}.")
                return INVALID
            items: list[Any] = []
            path = run.path
            path.append(0)
            for index, item in enumerate(value):
                path[-1] = index
                found = complete_item(item, run)
                if found is INVALID:
                    path.pop()
                    return INVALID
                items.append(found)
            path.pop()
            return items

        return completed

    # -- objects -------------------------------------------------------------------------------------

    def composite_of(self, named: GraphQLNamedType, selections: Selections, coordinate: str) -> Complete:
        """Returns the completion of an object of a composite type."""
        if isinstance(named, GraphQLObjectType):
            return self.object_of(named, selections, coordinate)
        assert isinstance(named, (GraphQLInterfaceType, GraphQLUnionType)), "only composites have selections"
        return self._abstract(named, selections, coordinate)

    def object_of(self, type_: GraphQLObjectType, selections: Selections, coordinate: str) -> Complete:
        """Returns the completion of an object whose type is known."""
        typename_keys, fields = self._fields(type_.name, type_.fields, selections)
        constants = dict.fromkeys(typename_keys, type_.name)
        return self._object(fields, constants, coordinate)

    @staticmethod
    def _object(
        fields: list[tuple[str, Complete | None]], constants: Mapping[str, str], coordinate: str
    ) -> Complete:
        def completed(value: Any, run: _Run) -> Any:
            if not isinstance(value, dict):
                run.refuse(f"Expected an object for field {coordinate}.")
                return INVALID
            shaped: dict[str, Any] = {}
            path = run.path
            for key, complete in fields:
                if complete is None:
                    shaped[key] = constants[key]
                    continue
                path.append(key)
                found = complete(value.get(key), run)
                path.pop()
                if found is INVALID:
                    return INVALID
                shaped[key] = found
            return shaped

        return completed

    def _fields(
        self, type_name: str, declared: Mapping[str, Any], selections: Selections
    ) -> tuple[list[str], list[tuple[str, Complete | None]]]:
        """Returns the keys that answer the type's name, and every key in order with its completion."""
        merged: dict[str, list[Field]] = {}
        for wanted in selections:
            if self._group in wanted.asked_by and wanted.applies_to(type_name):
                merged.setdefault(wanted.key, []).append(wanted)
        fields: list[tuple[str, Complete | None]] = []
        typename_keys: list[str] = []
        for key, every in merged.items():
            same = [one for one in every if not one.is_denied]
            name = every[0].name
            if name == TYPENAME:
                typename_keys.append(key)
                fields.append((key, None))
            elif name.startswith("__"):
                fields.append((key, _as_it_is))
            elif not same:
                fields.append((key, _denied(declared[name].type)))
            else:
                below = None
                if same[0].selections is not None:
                    below = tuple(one for wanted in same for one in wanted.selections or ())
                coordinate = f"{type_name}.{name}"
                fields.append((key, self.value_of(declared[name].type, below, coordinate)))
        return typename_keys, fields

    def _abstract(
        self, type_: GraphQLInterfaceType | GraphQLUnionType, selections: Selections, coordinate: str
    ) -> Complete:
        possible = {one.name: one for one in self._schema.get_possible_types(type_)}
        compiled: dict[str, Complete] = {}
        denied = self._denied_types & possible.keys()
        untyped = self._typeless(coordinate) if denied else self._untyped(type_, selections, coordinate)

        def completed(value: Any, run: _Run) -> Any:
            name = value.get(TYPENAME) if isinstance(value, dict) else None
            if name is None:
                return untyped(value, run)
            if isinstance(name, str) and name in denied:
                run.deny()
                return INVALID
            complete = compiled.get(name) if isinstance(name, str) else None
            if complete is None:
                if not isinstance(name, str) or name not in possible:
                    run.refuse(f"The object for field {coordinate} has a type that is not {type_.name}.")
                    return INVALID
                complete = compiled[name] = self.object_of(possible[name], selections, coordinate)
            return complete(value, run)

        return completed

    def _untyped(
        self, type_: GraphQLInterfaceType | GraphQLUnionType, selections: Selections, coordinate: str
    ) -> Complete:
        """Returns the completion of an object whose real type is not known.

        Either nobody had to ask for it, or the request that would have told it has failed: then what the
        object shows cannot be told either, and it is null. Where only one type is possible it is that one.
        """
        possible = self._schema.get_possible_types(type_)
        if len(possible) == 1:
            return self.object_of(possible[0], selections, coordinate)
        declared = type_.fields if isinstance(type_, GraphQLInterfaceType) else {}
        asked = [one for one in selections if self._group in one.asked_by]
        if any(one.types is not None or one.name == TYPENAME for one in asked):
            return self._typeless(coordinate)
        for_all = tuple(one for one in selections if one.types is None and one.name in declared)
        _, fields = self._fields(type_.name, declared, for_all)
        return self._object(fields, {}, coordinate)

    @staticmethod
    def _typeless(coordinate: str) -> Complete:
        def completed(_value: Any, run: _Run) -> Any:
            run.refuse(f"The type of the object for field {coordinate} is not known.")
            return INVALID

        return completed


def _as_it_is(value: Any, _run: _Run) -> Any:
    return value


def _denied(type_: GraphQLOutputType) -> Complete:
    null = INVALID if isinstance(type_, GraphQLNonNull) else None

    def completed(_value: Any, run: _Run) -> Any:
        run.deny()
        return null

    return completed
