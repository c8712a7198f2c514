"""Random schemas over all kinds of types, with resolvers of all kinds."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
)

from tests.execution.drawn_values import ResolverError, Thing

SCALARS = (GraphQLInt, GraphQLFloat, GraphQLString, GraphQLBoolean, GraphQLID)


def _coerce_odd(value: Any) -> Any:
    if value == 3:
        raise ResolverError("3 cannot be sent")
    return None if value == "wrong" else f"odd {value}"


class SchemaDrawer:
    """Draws one schema."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._colour = GraphQLEnumType("Colour", {"RED": "red", "GREEN": "green", "BLUE": "blue"})
        self._odd = GraphQLScalarType("Odd", coerce_output_value=_coerce_odd)
        self._input = GraphQLInputObjectType(
            "Where",
            lambda: {
                "a": GraphQLInputField(GraphQLNonNull(GraphQLInt)),
                "b": GraphQLInputField(GraphQLList(GraphQLString)),
                "c": GraphQLInputField(self._colour, default_value="red"),
            },
        )
        self._interfaces: list[GraphQLInterfaceType] = []
        self._objects: list[GraphQLObjectType] = []
        self._unions: list[GraphQLUnionType] = []

    def draw(self) -> GraphQLSchema:
        """Returns a schema with queries and mutations."""
        rng = self._rng
        self._interfaces = [self._interface(f"I{index}") for index in range(rng.randint(0, 2))]
        self._objects = [self._object(f"T{index}") for index in range(rng.randint(2, 4))]
        if rng.random() < 0.7:
            members = rng.sample(self._objects, rng.randint(1, len(self._objects)))
            self._unions = [GraphQLUnionType("U0", members, resolve_type=self._resolve_type())]
        query, mutation = self._object("Query"), self._object("Mutation")
        return GraphQLSchema(query, mutation, types=[*self._objects, *self._unions])

    def _interface(self, name: str) -> GraphQLInterfaceType:
        fields = {f"f{name.lower()}": GraphQLField(GraphQLString)}
        return GraphQLInterfaceType(name, fields, resolve_type=self._resolve_type())

    def _object(self, name: str) -> GraphQLObjectType:
        rng = self._rng
        # Each interface has one object type at least.
        interfaces = [each for each in self._interfaces if name == "T0" or rng.random() < 0.5]
        seed = rng.random()

        def fields() -> dict[str, GraphQLField]:
            drawn = random.Random(seed)
            made = {f"f{index}": self._field(drawn) for index in range(drawn.randint(2, 6))}
            made.update({f"f{each.name.lower()}": GraphQLField(GraphQLString) for each in interfaces})
            return made

        return GraphQLObjectType(name, fields, interfaces, is_type_of=self._is_type_of(name))

    def _field(self, rng: random.Random) -> GraphQLField:
        named = rng.choice([*SCALARS, self._colour, self._odd, *self._objects * 2, *self._composites() * 2])
        type_: Any = named
        if rng.random() < 0.35:
            type_ = GraphQLNonNull(type_)
        for _ in range(rng.choices((0, 1, 2), (60, 32, 8))[0]):
            type_ = GraphQLList(type_)
            if rng.random() < 0.35:
                type_ = GraphQLNonNull(type_)
        resolve = _resolve if rng.random() < 0.6 else None
        if rng.random() < 0.15:
            resolve = _resolve_later
        return GraphQLField(type_, self._arguments(rng), resolve=resolve)

    def _composites(self) -> list[Any]:
        return [*self._interfaces, *self._unions]

    def _arguments(self, rng: random.Random) -> dict[str, GraphQLArgument]:
        made: dict[str, GraphQLArgument] = {}
        if rng.random() < 0.25:
            made["x"] = GraphQLArgument(GraphQLInt, default_value=4)
        if rng.random() < 0.12:
            made["y"] = GraphQLArgument(GraphQLNonNull(GraphQLString), out_name="y_out")
        if rng.random() < 0.12:
            made["z"] = GraphQLArgument(self._input)
        if rng.random() < 0.08:
            made["from"] = GraphQLArgument(GraphQLList(self._colour))
        return made

    def _resolve_type(self) -> Any:
        chance = self._rng.random()
        if chance < 0.4:
            return None
        return _type_of if chance < 0.75 else _type_of_later

    def _is_type_of(self, name: str) -> Any:
        chance = self._rng.random()
        if name in ("Query", "Mutation") or chance < 0.5:
            return None
        if chance < 0.8:
            return lambda value, _info: _name_of(value) == name

        async def later(value: Any, _info: GraphQLResolveInfo) -> bool:
            await asyncio.sleep(0)
            return _name_of(value) == name

        return later


def _name_of(value: Any) -> Any:
    if isinstance(value, Thing):
        return value.typename
    return value.get("__typename") if isinstance(value, dict) else None


def _type_of(value: Any, _info: GraphQLResolveInfo, _type: Any) -> Any:
    return _name_of(value)


async def _type_of_later(value: Any, info: GraphQLResolveInfo, _type: Any) -> Any:
    info.context.log.append(("type", tuple(info.path.as_list())))
    await asyncio.sleep(0)
    return _name_of(value)


def _resolve(source: Any, info: GraphQLResolveInfo, **keywords: Any) -> Any:
    path = tuple(info.path.as_list())
    world = info.context
    world.log.append(("call", path, info.field_name, info.parent_type.name, repr(sorted(keywords.items()))))
    assert info.return_type is info.parent_type.fields[info.field_name].type
    return world.answer(info.return_type, path)


async def _resolve_later(source: Any, info: GraphQLResolveInfo, **keywords: Any) -> Any:
    answer = _resolve(source, info, **keywords)
    return await answer if hasattr(answer, "__await__") else answer
