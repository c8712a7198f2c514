"""Runs one drawn operation by graphql-core and compiled, and says how the two differ."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLSchema, MiddlewareManager, execute, parse, validate

from subgraphs.kit.execution import CompiledOperation, compile_operation
from tests.execution.drawn_operation import OperationDrawer
from tests.execution.drawn_schema import SchemaDrawer
from tests.execution.drawn_values import World

SECONDS_MAX = 60
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
TURNS_AFTERWARDS = 40
"""How long work that was left behind is waited for, so that both logs are whole."""


@dataclass
class Case:
    """One operation over one schema, with the chances of its resolvers."""

    seed: int
    schema: GraphQLSchema
    text: str
    document: DocumentNode
    variables: dict[str, Any]
    calm: bool
    middleware: bool

    def world(self) -> World:
        """Returns new surroundings for an execution."""
        return World(self.seed, self.schema, self.calm)


def draw_case(seed: int) -> Case | None:
    """Returns the case of this seed; None where what was drawn is not valid."""
    rng = random.Random(seed)
    schema = SchemaDrawer(rng).draw()
    drawn = OperationDrawer(rng, schema).draw()
    document = parse(drawn.text)
    if validate(schema, document):
        return None
    return Case(seed, schema, drawn.text, document, drawn.variables, rng.random() < 0.25, rng.random() < 0.05)


def _through(next_: Any, source: Any, info: Any, **keywords: Any) -> Any:
    info.context.log.append(("middleware", tuple(info.path.as_list())))
    return next_(source, info, **keywords)


def _middleware(case: Case) -> Any:
    return MiddlewareManager(_through) if case.middleware else None


async def _settled(result: ExecutionResult | Awaitable[ExecutionResult]) -> ExecutionResult:
    if not isinstance(result, ExecutionResult):
        result = await asyncio.wait_for(result, SECONDS_MAX)
    for _ in range(TURNS_AFTERWARDS):
        await asyncio.sleep(0)
    return result


async def by_graphql_core(case: Case) -> tuple[dict[str, Any], list[Any]]:
    """Returns the oracle's result and log."""
    world = case.world()
    result = execute(
        case.schema,
        case.document,
        world.root(),
        world,
        dict(case.variables),
        middleware=_middleware(case),
    )
    return told(await _settled(result)), world.log


async def compiled(case: Case, operation: CompiledOperation) -> tuple[dict[str, Any], list[Any]]:
    """Returns our result and log."""
    world = case.world()
    result = operation.execute(world.root(), world, dict(case.variables), middleware=_middleware(case))
    return told(await _settled(result)), world.log


def told(result: ExecutionResult) -> dict[str, Any]:
    """Returns all that a client or a server sees of the result, the order of keys included."""
    errors = [
        {
            "message": _ADDRESS.sub("", error.message),
            "path": error.path,
            "locations": error.locations,
            "original": type(error.original_error),
        }
        for error in result.errors or ()
    ]
    return {"data": _ADDRESS.sub("", repr(result.data)), "errors": errors}


async def compare(case: Case) -> list[str]:
    """Returns what differs; the operation is run twice, the second time from what the first has generated."""
    expected, expected_log = await by_graphql_core(case)
    operation = compile_operation(case.schema, case.document)
    differences = []
    for turn in ("first", "second"):
        found, log = await compiled(case, operation)
        if found["data"] != expected["data"]:
            differences.append(f"{turn} data: expected {expected['data']}, found {found['data']}")
        if found["errors"] != expected["errors"]:
            differences.append(f"{turn} errors: {_first_difference(expected['errors'], found['errors'])}")
        if log != expected_log:
            differences.append(f"{turn} log: {_first_difference(expected_log, log)}")
    return differences


def _first_difference(expected: list[Any], found: list[Any]) -> str:
    for index, (one, other) in enumerate(zip(expected, found, strict=False)):
        if one != other:
            before, after = expected[index : index + 2], found[index : index + 2]
            return f"at {index} of {len(expected)} expected {before}, found {after}"
    return f"{len(expected)} entries expected, {len(found)} found"
