"""A list of 1,000 objects of 10 fields: by graphql-core, compiled, and by packages of the npm registry."""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from graphql import DocumentNode, ExecutionResult, GraphQLSchema, build_schema, execute, parse

from subgraphs.kit.execution import compile_operation

PEERS = Path(__file__).parent / "peers"
SIZE = 1_000
TYPES = ("ID!", "String!", "String", "Int!", "Int", "Float!", "Boolean!", "String", "Float", "String!")
NAMES = [f"f{number}" for number in range(len(TYPES))]
FIELDS = " ".join(f"{name}: {type_}" for name, type_ in zip(NAMES, TYPES, strict=True))
SDL = f"type Query {{ items: [Item!]! }} type Item {{ {FIELDS} }}"
QUERY = f"{{ items {{ {' '.join(NAMES)} }} }}"


class Item:
    """One object of the list."""

    def __init__(self, number: int) -> None:
        self.f0 = str(number)
        self.f1 = f"n{number}"
        self.f2 = None if number % 3 else "x"
        self.f3 = number
        self.f4 = number * 2
        self.f5 = number / 4
        self.f6 = number % 2 == 0
        self.f7 = "s"
        self.f8 = 1.5
        self.f9 = "z"


class Root:
    """The source of the root fields."""

    items = [Item(number) for number in range(SIZE)]  # noqa: RUF012 - never changed


def schema_of(kind: str) -> GraphQLSchema:
    """Returns the schema with attributes for fields (`plain`), or a coroutine for each (`async`)."""
    schema = build_schema(SDL)
    if kind == "async":
        for name in NAMES:
            schema.type_map["Item"].fields[name].resolve = _resolver(name)  # pyright: ignore[reportAttributeAccessIssue]
    return schema


def _resolver(name: str) -> Callable[[Any, Any], Any]:
    async def resolve(source: Any, info: Any) -> Any:
        return getattr(source, name)

    return resolve


async def measure(kind: str, rounds: int) -> dict[str, list[float]]:
    """Returns the CPU milliseconds of each round; the contenders take turns."""
    schema, document = schema_of(kind), parse(QUERY)
    operation = compile_operation(schema, document)
    contenders = {
        f"{kind} graphql-core": lambda: execute(schema, document, Root),
        f"{kind} compiled": lambda: operation.execute(Root),
    }
    await _check(contenders)
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            gc.collect()
            start = time.process_time()
            await _result_of(run())
            times[name].append((time.process_time() - start) * 1e3)
    times[f"{kind} compiled, to bytes"] = await _to_bytes(operation, rounds)
    times[f"{kind} compiled, first time"] = await _cold(schema, document, rounds)
    return times


async def _check(contenders: dict[str, Callable[[], Any]]) -> None:
    results = [await _result_of(run()) for run in contenders.values()]
    assert all(result == results[0] and not result.errors for result in results), "they must agree"


async def _result_of(result: Any) -> ExecutionResult:
    return result if isinstance(result, ExecutionResult) else await result


async def _to_bytes(operation: Any, rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        orjson.dumps({"data": (await _result_of(operation.execute(Root))).data})
        times.append((time.process_time() - start) * 1e3)
    return times


async def _cold(schema: GraphQLSchema, document: DocumentNode, rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        await _result_of(compile_operation(schema, document).execute(Root))
        times.append((time.process_time() - start) * 1e3)
    return times


def measure_lists(rounds: int) -> dict[str, list[float]]:
    """Returns the figures of graphql-core and ours, plain and asynchronous."""
    times: dict[str, list[float]] = {}
    for kind in ("plain", "async"):
        times.update(asyncio.run(measure(kind, rounds)))
    return times


def measure_peers(rounds: int) -> dict[str, list[float]]:
    """Returns the figures of graphql-js and graphql-jit, installed beside this file the first time."""
    if not (PEERS / "node_modules").is_dir():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("--peers needs Node.js with npm")
        subprocess.run([npm, "install", "--no-audit", "--no-fund", "--silent"], cwd=PEERS, check=True)
    asked = json.dumps({"sdl": SDL, "query": QUERY, "rounds": rounds, "size": SIZE})
    with tempfile.TemporaryFile("w+") as answer:
        subprocess.run(["node", "execute.mjs"], cwd=PEERS, input=asked, stdout=answer, text=True, check=True)
        answer.seek(0)
        return json.load(answer)
