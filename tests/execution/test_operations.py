"""What drawn operations do not reach: deadlines, cancellation, events, bounds, and where the room stands."""

from __future__ import annotations

import ast
import asyncio
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, build_schema, execute, parse, subscribe
from graphql.type import GraphQLFieldResolver

import subgraphs.kit.execution
from subgraphs.kit.execution import (
    CompiledExecutor,
    CompiledOperation,
    DeadlineExceededError,
    compile_operation,
)
from subgraphs.kit.execution.selection import VARIANTS_MAX

SDL = """
type Query { slow: Int quick: Int! things: [Thing!] conditional(a: Int): Int }
type Thing { id: ID! name: String twin: Thing }
type Mutation { first: Int second: Int third: Int }
type Subscription { tick(from: Int! = 1): Int broken: Int nothing: Int }
"""


def schema_with(**resolvers: GraphQLFieldResolver) -> GraphQLSchema:
    """Returns the schema with resolvers at `Type_field`."""
    schema = build_schema(SDL)
    for coordinate, resolve in resolvers.items():
        type_name, _, field_name = coordinate.partition("_")
        getattr(schema.type_map[type_name], "fields")[field_name].resolve = resolve  # noqa: B009
    return schema


def compiled(schema: GraphQLSchema, text: str, name: str | None = None) -> CompiledOperation:
    return compile_operation(schema, parse(text), name)


async def settled(result: Any) -> ExecutionResult:
    return result if isinstance(result, ExecutionResult) else await result


class Hanging:
    """A resolver that never answers; `ended` tells how it was stopped."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.ended: str | None = None

    async def __call__(self, source: Any, info: Any) -> Any:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            self.ended = "cancelled"
            raise


async def test_the_deadline_stops_what_waits() -> None:
    hanging = Hanging()

    async def slow(source: Any, info: Any) -> Any:
        return await hanging(source, info)

    operation = compiled(schema_with(Query_slow=slow), "{ slow other: slow }")
    with pytest.raises(DeadlineExceededError):
        await settled(operation.execute(timeout_s=0.05))
    assert hanging.ended == "cancelled"


async def test_the_deadline_stops_what_never_waits() -> None:
    def things(source: Any, info: Any) -> list[Any]:
        return [{"id": number, "twin": {}} for number in range(10)]

    operation = compiled(schema_with(Query_things=things), "{ things { id } }")
    with pytest.raises(DeadlineExceededError):
        operation.execute(timeout_s=-1.0)


async def test_cancelling_the_operation_cancels_its_resolvers_and_waits_for_them() -> None:
    hanging = Hanging()

    async def slow(source: Any, info: Any) -> Any:
        return await hanging(source, info)

    operation = compiled(schema_with(Query_slow=slow), "{ slow quick: slow }")
    task = asyncio.ensure_future(settled(operation.execute()))
    await hanging.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert hanging.ended == "cancelled"


async def test_a_resolvers_own_timeout_is_its_own() -> None:
    async def slow(source: Any, info: Any) -> Any:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
        except TimeoutError:
            return 1

    async def quick(source: Any, info: Any) -> int:
        return 2

    operation = compiled(schema_with(Query_slow=slow, Query_quick=quick), "{ slow quick a: slow b: slow }")
    result = await settled(operation.execute())
    assert result == ExecutionResult({"slow": 1, "quick": 2, "a": 1, "b": 1}, None)


async def test_a_resolvers_task_group_fails_the_field_alone() -> None:
    async def fail() -> None:
        raise ValueError("one of many")

    async def slow(source: Any, info: Any) -> Any:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            group.create_task(asyncio.Event().wait())

    async def quick(source: Any, info: Any) -> int:
        await asyncio.sleep(0)
        return 2

    operation = compiled(schema_with(Query_slow=slow, Query_quick=quick), "{ slow quick }")
    result = await settled(operation.execute())
    assert result.data == {"slow": None, "quick": 2}
    assert result.errors is not None
    assert isinstance(result.errors[0].original_error, ExceptionGroup)


async def test_mutations_run_one_after_the_other() -> None:
    log: list[str] = []

    async def change(source: Any, info: Any) -> int:
        log.append(f"begin {info.path.key}")
        await asyncio.sleep(0)
        log.append(f"end {info.path.key}")
        return 1

    def at_once(source: Any, info: Any) -> int:
        log.append(f"at once {info.path.key}")
        return 2

    schema = schema_with(Mutation_first=change, Mutation_second=at_once, Mutation_third=change)
    result = await settled(compiled(schema, "mutation { third second first again: third }").execute())
    assert result == ExecutionResult({"third": 1, "second": 2, "first": 1, "again": 1}, None)
    assert log == ["begin third", "end third", "at once second", *_begun_and_ended("first", "again")]


def _begun_and_ended(*keys: str) -> list[str]:
    return [f"{what} {key}" for key in keys for what in ("begin", "end")]


async def test_a_thousand_mutations_in_a_row_do_not_nest() -> None:
    async def change(source: Any, info: Any) -> int:
        return 1

    schema = schema_with(Mutation_first=change)
    text = "mutation { " + " ".join(f"m{number}: first" for number in range(1_000)) + " }"
    result = await settled(compiled(schema, text).execute())
    assert result.errors is None
    assert result.data is not None and len(result.data) == 1_000


async def _ticks(source: Any, info: Any, **keywords: Any) -> AsyncIterator[dict[str, Any]]:
    yield {"tick": keywords["from"]}
    yield {"tick": "not a number"}
    yield {"tick": 3}


def _subscribing() -> GraphQLSchema:
    schema = build_schema(SDL)
    assert schema.subscription_type is not None
    schema.subscription_type.fields["tick"].subscribe = _ticks
    schema.subscription_type.fields["nothing"].subscribe = lambda source, info: 7
    return schema


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("subscription($n: Int!) { tick(from: $n) }", {"n": 9}),
        ("subscription { tick }", {}),
        ("subscription { nothing }", {}),
        ("subscription { broken }", {}),
        ("subscription($n: Int!) { tick(from: $n) }", {"n": "x"}),
    ],
)
async def test_subscriptions_tell_what_graphql_core_tells(text: str, variables: dict[str, Any]) -> None:
    schema = _subscribing()
    expected = subscribe(schema, parse(text), variable_values=variables)
    found = await compiled(schema, text).subscribe(variables=variables)
    assert await _all_of(found) == await _all_of(expected)


async def _all_of(stream: Any) -> list[Any]:
    if hasattr(stream, "__await__"):
        stream = await stream
    results = [stream] if isinstance(stream, ExecutionResult) else [each async for each in stream]
    return [(each.data, [(e.message, e.path, e.locations) for e in each.errors or ()]) for each in results]


async def test_leaving_a_subscription_closes_its_source() -> None:
    closed = []

    async def endless(source: Any, info: Any, **keywords: Any) -> AsyncIterator[Any]:
        try:
            while True:
                yield {"tick": 1}
        finally:
            closed.append("closed")

    schema = build_schema(SDL)
    assert schema.subscription_type is not None
    schema.subscription_type.fields["tick"].subscribe = endless
    stream: Any = await compiled(schema, "subscription { tick }").subscribe()
    assert (await anext(stream)).data == {"tick": 1}
    await stream.aclose()
    assert closed == ["closed"]


def test_an_operation_is_found_by_its_name_or_refused() -> None:
    schema = build_schema(SDL)
    two = "query A { slow } query B { quick }"
    assert compiled(schema, two, "B").execute({"quick": 1}) == ExecutionResult({"quick": 1}, None)
    for text, name in ((two, None), (two, "C"), ("fragment F on Thing { id }", None)):
        expected = execute(schema, parse(text), operation_name=name)
        assert isinstance(expected, ExecutionResult) and expected.errors is not None
        with pytest.raises(GraphQLError) as refused:
            compiled(schema, text, name)
        assert refused.value.message == expected.errors[0].message


def test_graphql_core_takes_it_as_an_executor() -> None:
    schema = build_schema(SDL)
    document = parse("query($a: Int!) { things { id name twin { id } } conditional(a: $a) }")
    root = {"things": [{"id": 1, "name": "one", "twin": {"id": 2}}], "conditional": 5}
    for variables in ({"a": 1}, {}):
        expected = execute(schema, document, root, variable_values=variables)
        found = execute(schema, document, root, variable_values=variables, executor_class=CompiledExecutor)
        assert isinstance(expected, ExecutionResult)
        assert isinstance(found, ExecutionResult)
        assert (found.data, found.errors) == (expected.data, expected.errors)


def test_many_conditions_do_not_fill_the_memory() -> None:
    schema = build_schema(SDL)
    names = [f"c{number}" for number in range(8)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: quick @include(if: ${name})" for name in names)
    operation = compiled(schema, f"query({declared}) {{ {fields} }}")
    for bits in range(256):
        values = {name: bool(bits >> place & 1) for place, name in enumerate(names)}
        result = operation.execute({"quick": 1}, None, values)
        assert result == ExecutionResult({name: 1 for name in names if values[name]}, None)
    assert len(operation._roots[False]._plans) == VARIANTS_MAX


def test_without_a_loop_what_cannot_run_is_closed() -> None:
    async def later(source: Any, info: Any) -> int:
        raise AssertionError("never runs")

    def broken(source: Any, info: Any) -> Any:
        raise ValueError("broken")

    schema = schema_with(Query_slow=later, Query_quick=broken)
    result = compiled(schema, "{ slow quick }").execute()
    assert isinstance(result, ExecutionResult)
    assert result.data is None
    assert result.errors is not None and [each.message for each in result.errors] == ["broken"]


def test_the_room_imports_nothing_of_ours() -> None:
    folder = Path(subgraphs.kit.execution.__file__).parent
    outside = {"asyncio", "graphql", "strawberry"} | set(sys.stdlib_module_names)
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                own = module.startswith("subgraphs.kit.execution")
                assert own or module.split(".")[0] in outside, f"{file.name} imports {module}"
                # Only the binding may know Strawberry: the rest serves plain graphql-core.
                if module.split(".")[0] == "strawberry":
                    assert file.name == "strawberry_binding.py"
            elif isinstance(node, ast.Import):
                assert all(each.name.split(".")[0] in outside for each in node.names), file.name


WORDS = """
enum Colour { RED GREEN }
input Where { a: Int! }
type Query {
  one(n: Int, ids: [ID!]!, colours: [Colour], where: Where, deep: [[Int!]], text: String = "t"): String
}
"""
GIVEN: list[dict[str, Any]] = [
    {"ids": ["a", 1]},
    {"ids": ["a"], "n": None, "colours": ["RED", None], "where": {"a": 1}, "deep": [[1]], "text": None},
    {"ids": "alone", "colours": "GREEN", "deep": 3},
    {"ids": ("a", "b")},
    {"ids": ["a", None]},
    {"ids": None},
    {},
    {"ids": [True, 1.5], "n": "x", "colours": ["BLUE"]},
    {"ids": [], "n": 2**40},
]


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize(
    "declared",
    [
        "$ids: [ID!]!",
        "$ids: [ID!]!, $n: Int, $colours: [Colour]",
        "$ids: [ID!]!, $where: Where, $deep: [[Int!]]",
        '$ids: [ID!]!, $text: String = "given"',
    ],
)
def test_variables_are_taken_and_refused_as_graphql_core_does(declared: str, given: dict[str, Any]) -> None:
    schema = build_schema(WORDS)
    schema.type_map["Query"].fields["one"].resolve = lambda _, info, **keywords: repr(keywords)  # pyright: ignore[reportAttributeAccessIssue]
    names = [part.split(":")[0].strip(" $") for part in declared.split(",")]
    text = f"query({declared}) {{ one({', '.join(f'{name}: ${name}' for name in names)}) }}"
    expected = execute(schema, parse(text), variable_values=given)
    found = compiled(schema, text).execute(variables=given)
    assert isinstance(expected, ExecutionResult)
    assert isinstance(found, ExecutionResult)
    assert (found.data, found.errors) == (expected.data, expected.errors)


def test_threads_may_share_the_executor() -> None:
    schema = build_schema(SDL)
    documents = [parse(f"{{ quick a{number}: quick things {{ id }} }}") for number in range(40)]
    root = {"quick": 1, "things": [{"id": number} for number in range(50)]}

    def run(turn: int) -> list[Any]:
        return [
            execute(schema, documents[(turn + step) % 40], root, executor_class=CompiledExecutor)
            for step in range(80)
        ]

    with ThreadPoolExecutor(8) as pool:
        results = [result for batch in pool.map(run, range(8)) for result in batch]
    things = [{"id": str(number)} for number in range(50)]
    assert all(result.errors is None and result.data["things"] == things for result in results)
