"""Strawberry's schemas, compiled: the same answers as Strawberry gives, by the ways it has to a value."""

from __future__ import annotations

import contextvars
from collections.abc import AsyncIterator, Iterator
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLError, parse
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

from subgraphs.kit.execution import CompiledOperation, compile_operation
from subgraphs.kit.execution.strawberry_binding import StrawberryBinding, StrawberryExecutor

SEEN: list[str] = []


@strawberry.enum
class Colour(Enum):
    RED = "red"
    GREEN = strawberry.enum_value("green", name="GRUEN")


class OnlyFriends(BasePermission):
    message = "Friends only"

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        return info.context["friend"]


class Louder(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        SEEN.append(info.python_name)
        return f"{next_(source, info, **kwargs)}!"

    async def resolve_async(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        SEEN.append(info.python_name)
        return f"{await next_(source, info, **kwargs)}!"


class Renamed(FieldExtension):
    """Changes the keywords on their way."""

    def map_arguments(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {"word": kwargs["word"].upper()}


@strawberry.input
class Where:
    first: int = 3
    words: list[str] = strawberry.field(default_factory=list)


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Cat(Named):
    colour: Colour = Colour.GREEN

    @strawberry.field
    def of_class(self) -> str:
        return type(self).__name__


@strawberry.type
class Dog(Named):
    age: int | None = None


@strawberry.type
class Stone:
    weight: float = 1.5


Found = Annotated[Cat | Stone, strawberry.union("Found")]


def _root_name(root: Any) -> str:
    return f"root of {root}"


@strawberry.type
class Query:
    @strawberry.field
    def plain(self) -> str:
        return "plain"

    @strawberry.field
    def shade(self, colour: Colour = Colour.RED, times: int = 1) -> list[Colour]:
        return [colour] * times

    @strawberry.field
    async def later(self, info: strawberry.Info, where: Where) -> str:
        return f"{info.field_name} {where.first} {where.words} {info.path.key} {info.variable_values}"

    @strawberry.field(permission_classes=[OnlyFriends])
    def secret(self) -> str | None:
        return "secret"

    @strawberry.field(permission_classes=[OnlyFriends])
    async def secret_later(self) -> str | None:
        return "secret"

    @strawberry.field(extensions=[Louder()])
    def loud(self, word: str) -> str:
        return word

    @strawberry.field(extensions=[Louder()])
    async def loud_later(self, info: strawberry.Info, word: str) -> str:
        return f"{word} {info.context['friend']}"

    @strawberry.field(extensions=[Renamed()])
    def mapped(self, word: str) -> str:
        return word

    named: str = strawberry.field(resolver=_root_name)

    @strawberry.field
    def pets(self) -> list[Named]:
        return [Cat(name="Minouche"), Dog(name="Rex", age=3)]

    @strawberry.field
    def found(self) -> list[Found]:
        return [Cat(name="Minouche"), Stone(), strawberry.cast(Stone, _Pebble())]  # pyright: ignore[reportReturnType]

    @strawberry.field
    async def streamed(self) -> AsyncIterator[int]:
        yield 1
        yield 2

    @strawberry.field
    def broken(self) -> int | None:
        raise GraphQLError("broken", extensions={"code": "BROKEN"})


class _Pebble:
    weight = 0.25


class Marking(SchemaExtension):
    """Sees each field that has a resolver."""

    def resolve(self, next_: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        SEEN.append(f"marked {info.field_name}")
        return next_(root, info, *args, **kwargs)

    def on_execute(self) -> Iterator[None]:
        SEEN.append("begun")
        yield
        SEEN.append("ended")


SCHEMA = strawberry.Schema(Query, types=[Cat, Dog])
OPERATIONS = [
    "{ plain shade again: shade(colour: GRUEN, times: 2) }",
    "query($w: Where!, $c: Colour) { later(where: $w) shade(colour: $c) }",
    '{ later(where: {words: ["a"]}) other: later(where: {first: 1}) }',
    "{ secret secretLater plain }",
    '{ loud(word: "hey") loudLater(word: "ho") mapped(word: "low") }',
    "{ named pets { __typename name ... on Cat { colour ofClass } ... on Dog { age } } }",
    "{ found { __typename ... on Cat { name } ... on Stone { weight } } }",
    "{ streamed broken plain }",
    "{ __schema { queryType { name fields { name type { kind ofType { name } } } } } __typename }",
]


def compiled(text: str, schema: strawberry.Schema = SCHEMA) -> CompiledOperation:
    return compile_operation(schema._schema, parse(text), binding=StrawberryBinding(schema))


def told(errors: list[GraphQLError] | None) -> list[Any]:
    return [(each.message, each.path, each.locations, each.extensions) for each in errors or ()]


@pytest.mark.parametrize("friend", [True, False])
@pytest.mark.parametrize("text", OPERATIONS)
async def test_compiled_operations_answer_as_strawberry_does(text: str, friend: bool) -> None:
    variables = {"w": {"first": 7, "words": ["x"]}, "c": "GRUEN"}
    context = {"friend": friend}
    SEEN.clear()
    expected = await SCHEMA.execute(text, variables, context, "the root")
    expected_seen = SEEN.copy()
    operation = compiled(text)
    for _ in range(2):
        SEEN.clear()
        result: Any = operation.execute("the root", context, variables)
        result = result if hasattr(result, "data") else await result
        assert result.data == expected.data
        assert told(result.errors) == told(expected.errors)
        assert expected_seen == SEEN


async def test_a_field_of_an_unknown_kind_falls_back_alone_and_says_so() -> None:
    operation = compiled("{ plain streamed }")
    result: Any = await operation.execute()  # pyright: ignore[reportGeneralTypeIssues]  # it waits for the stream
    expected = await SCHEMA.execute("{ plain streamed }")
    assert (result.data, [each.path for each in result.errors]) == (expected.data, [["streamed"]])
    assert operation.fallbacks == {"Query.streamed": "the resolver is of a kind of its own"}


async def test_a_schema_with_another_default_resolver_keeps_it() -> None:
    def shouted(source: Any, name: str) -> Any:
        return str(getattr(source, name)).upper()

    schema = strawberry.Schema(Query, types=[Cat, Dog], config=StrawberryConfig(default_resolver=shouted))
    operation = compiled("{ pets { name } }", schema)
    result: Any = operation.execute()
    assert result.data == {"pets": [{"name": "MINOUCHE"}, {"name": "REX"}]}
    assert set(operation.fallbacks) == {"Cat.name", "Dog.name"}


async def test_the_executor_keeps_strawberrys_extensions_at_work() -> None:
    text = '{ plain loud(word: "hey") pets { name } }'
    seen = []
    for executor in (None, StrawberryExecutor):
        schema = strawberry.Schema(
            Query, types=[Cat, Dog], extensions=[Marking], execution_context_class=executor
        )
        SEEN.clear()
        result = await schema.execute(text, context_value={"friend": True})
        assert result.errors is None
        assert result.data == {
            "plain": "plain",
            "loud": "hey!",
            "pets": [{"name": "Minouche"}, {"name": "Rex"}],
        }
        seen.append(SEEN.copy())
    assert seen[0] == seen[1]
    assert "marked plain" in seen[1] and seen[1][-1] == "ended"


async def test_context_variables_of_one_resolver_stay_its_own() -> None:
    mark: contextvars.ContextVar[str] = contextvars.ContextVar("mark", default="none")

    @strawberry.type
    class Root:
        @strawberry.field
        async def one(self) -> str:
            before = mark.get()
            mark.set("one")
            return before

        @strawberry.field
        async def two(self) -> str:
            return mark.get()

    result: Any = await compiled("{ one two }", strawberry.Schema(Root)).execute()  # pyright: ignore[reportGeneralTypeIssues]
    assert result.data == {"one": "none", "two": "none"}
