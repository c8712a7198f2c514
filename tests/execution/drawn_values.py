"""What drawn resolvers answer with: right and wrong values, errors, nothing, awaitables of each.

Everything hangs on the seed and the place it is asked for, never on when: two executors that ask for the same
places get the same answers. What happens is written into the world's log, in its order.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from strawberry.dataloader import DataLoader

DEPTH_MAX = 6


class ResolverError(Exception):
    """What a drawn resolver raises."""


class World:
    """One execution's surroundings."""

    def __init__(self, seed: int, schema: GraphQLSchema, calm: bool) -> None:
        self.seed = seed
        self.schema = schema
        self.calm = calm
        """In a calm world nothing fails."""
        self.log: list[Any] = []
        self.loader: DataLoader[Any, Any] = DataLoader(load_fn=self._load)

    def rng(self, *place: Any) -> random.Random:
        """Returns the chance of a place."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, place))}")

    async def _load(self, keys: Sequence[Any]) -> list[Any]:
        self.log.append(("load", tuple(keys)))
        await asyncio.sleep(0)
        return list(keys)

    def root(self) -> Thing:
        """Returns the source of the root fields."""
        return Thing(self, "Query", ("root",))

    def answer(self, type_: Any, place: tuple[Any, ...]) -> Any:
        """Returns what a resolver answers at this place; raises what it raises."""
        rng = self.rng("answer", *place)
        chance = rng.random()
        if chance < 0.5:
            return self.value(type_, place, rng)
        if chance < 0.62:
            return self._later(type_, place, rng, 0)
        if chance < 0.72:
            return self._later(type_, place, rng, rng.randint(1, 3))
        if chance < 0.77:
            return self._future(type_, place, rng)
        if chance < 0.84:
            return self._loaded(type_, place, rng)
        if self.calm or chance < 0.90:
            return self.value(type_, place, rng)
        if chance < 0.94:
            raise ResolverError(f"raised at {place[-1]}")
        if chance < 0.97:
            return ResolverError(f"returned at {place[-1]}")
        return self._raising(place, rng.randint(0, 2))

    async def _later(self, type_: Any, place: tuple[Any, ...], rng: random.Random, turns: int) -> Any:
        self.log.append(("start", place))
        for _ in range(turns):
            await asyncio.sleep(0)
        self.log.append(("end", place))
        return self.value(type_, place, rng)

    async def _loaded(self, type_: Any, place: tuple[Any, ...], rng: random.Random) -> Any:
        await self.loader.load(rng.randint(0, 9))
        self.log.append(("loaded", place))
        return self.value(type_, place, rng)

    async def _raising(self, place: tuple[Any, ...], turns: int) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        self.log.append(("raise", place))
        raise ResolverError(f"raised later at {place[-1]}")

    def _future(self, type_: Any, place: tuple[Any, ...], rng: random.Random) -> Any:
        future = asyncio.get_running_loop().create_future()
        value = self.value(type_, place, rng)

        def settle() -> None:
            if not future.done():
                self.log.append(("settled", place))
                future.set_result(value)

        asyncio.get_running_loop().call_soon(settle)
        return future

    def value(self, type_: Any, place: tuple[Any, ...], rng: random.Random) -> Any:
        """Returns a value of the type, mostly a right one."""
        if is_non_null_type(type_):
            if not self.calm and rng.random() < 0.04:
                return None
            return self._filled(type_.of_type, place, rng)
        return None if rng.random() < 0.12 else self._filled(type_, place, rng)

    def _filled(self, type_: Any, place: tuple[Any, ...], rng: random.Random) -> Any:
        if not self.calm and rng.random() < 0.03:
            return rng.choice([object, 5.5, "wrong", {}, [], 2**40, float("inf"), True])
        if is_list_type(type_):
            return self._items(type_.of_type, place, rng)
        if is_composite_type(type_):
            return self._source(type_, place, rng)
        if isinstance(type_, GraphQLEnumType):
            return rng.choice(["red", "green"])
        return {
            "Int": lambda: rng.choice([rng.randint(-9, 9), True, "12", 3.0]),
            "Float": lambda: rng.choice([rng.random(), 2, "1.5"]),
            "Boolean": lambda: rng.choice([True, False, 1, 0.0]),
            "String": lambda: rng.choice(["text", "", 7, True, 1.25]),
            "ID": lambda: rng.choice(["id", 12, 5.0]),
        }.get(type_.name, lambda: rng.choice(["s", 3, ("t",)]))()

    def _items(self, item_type: Any, place: tuple[Any, ...], rng: random.Random) -> Any:
        items = [self._item(item_type, (*place, index), rng) for index in range(rng.randint(0, 3))]
        chance = rng.random()
        if chance < 0.7:
            return items
        if chance < 0.8:
            return tuple(items)
        if chance < 0.9:
            return self._generated(items, rng.random() < 0.2 and not self.calm)
        return self._streamed(items, rng.random() < 0.2 and not self.calm)

    def _item(self, item_type: Any, place: tuple[Any, ...], rng: random.Random) -> Any:
        if rng.random() < 0.12:
            return self._later(item_type, place, self.rng("item", *place), rng.randint(0, 2))
        if not self.calm and rng.random() < 0.04:
            return ResolverError(f"item {place[-1]}") if rng.random() < 0.5 else self._raising(place, 1)
        return self.value(item_type, place, rng)

    def _generated(self, items: list[Any], breaks: bool) -> Iterator[Any]:
        yield from items
        if breaks:
            raise ResolverError("the iterator broke")

    async def _streamed(self, items: list[Any], breaks: bool) -> AsyncIterator[Any]:
        for index, item in enumerate(items):
            self.log.append(("next", index))
            yield item
            await asyncio.sleep(0)
        if breaks:
            raise ResolverError("the stream broke")

    def _source(self, type_: Any, place: tuple[Any, ...], rng: random.Random) -> Any:
        if is_object_type(type_):
            name = type_.name
        else:
            possible = (
                type_.types if isinstance(type_, GraphQLUnionType) else self.schema.get_possible_types(type_)
            )
            name = rng.choice([each.name for each in possible])
            if not self.calm and rng.random() < 0.05:
                name = rng.choice(["Nowhere", "Query", "Int", None])
        if rng.random() < 0.5 or name not in self.schema.type_map or len(place) > DEPTH_MAX:
            return Thing(self, name, place)
        return self._keys(name, place)

    def _keys(self, name: str, place: tuple[Any, ...]) -> dict[str, Any]:
        """Returns a source whose fields are keys; none of them an object, or it would never end."""
        found: dict[str, Any] = {"__typename": name}
        type_ = self.schema.type_map[name]
        for field_name, field in getattr(type_, "fields", {}).items():
            if not is_composite_type(get_named_type(field.type)):
                found[field_name] = self.value(
                    field.type, (*place, field_name), self.rng("key", *place, field_name)
                )
        return found


class Thing:
    """A source whose fields are attributes, some of them methods, some awaitable."""

    def __init__(self, world: World, typename: Any, place: tuple[Any, ...]) -> None:
        self._world = world
        self._place = place
        self.typename = typename

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("f"):
            raise AttributeError(name)
        world, place = self._world, (*self._place, name)
        world.log.append(("get", place))
        rng = world.rng("attribute", *place)
        type_ = world.schema.type_map.get(str(self.typename))
        field = getattr(type_, "fields", {}).get(name)
        if field is None or rng.random() < 0.05:
            raise AttributeError(name)
        if rng.random() < 0.3:
            return lambda info, **keywords: self._called(field.type, place, info, keywords)
        return world.answer(field.type, place)

    def _called(self, type_: Any, place: tuple[Any, ...], info: Any, keywords: dict[str, Any]) -> Any:
        self._world.log.append(("method", tuple(info.path.as_list()), info.field_name, sorted(keywords)))
        return self._world.answer(type_, place)

    def __repr__(self) -> str:
        return f"<Thing {self.typename}>"
