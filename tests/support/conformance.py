"""The public conformance suites, run in process when their folder is found.

A suite is a folder: subgraph SDLs, another composer's supergraph, recorded answers, operations with their
expected responses. `serve.py` beside them answers as the subgraphs would; its `Subgraph` class is used
here directly, without sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.executor.transport.client import AwaitedOnly, SubgraphClient, SubgraphRequest, SubgraphResponse
from tests.support.fetch_log import Fetch, FetchLog
from tests.support.run_router import Answer, Request, RouterUnderTest, compose

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("ZELLIGE_CONFORMANCE", REPOSITORY.parent / "shared/federation/conformance"))
WAYS = ("given", "composed")


@dataclass(frozen=True, slots=True)
class ConformanceOperation:
    """One operation of a suite with its expected response."""

    suite: str
    index: int
    query: str
    expected: Mapping[str, Any]

    def mismatches(self, answer: Answer) -> list[str]:
        """Says in what the answer differs from the expected one; empty means it passes."""
        found = []
        if "data" in self.expected and answer.data != self.expected["data"]:
            found.append(f"expected data {dump(self.expected['data'])}\nreceived data {dump(answer.data)}")
        if "errors" in self.expected and self.expected["errors"] != bool(answer.errors):
            found.append(f"expected errors: {self.expected['errors']}")
        if found and answer.errors:
            found.append(f"received errors {dump(answer.errors)}")
        return found


def dump(value: Any) -> str:
    """Returns JSON a person can compare line by line."""
    return json.dumps(value, ensure_ascii=False, indent=1)


class RecordedClient(AwaitedOnly):
    """Answers as one subgraph of a suite, from its recorded rows."""

    takes_body = False

    def __init__(self, subgraph: Any, log: FetchLog) -> None:
        self.subgraph = subgraph
        self.log = log

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answers one request; what `serve.py` prints (MISS, INVALID) becomes complaints."""
        self.log.fetches.append(Fetch(self.subgraph.name, request.query, request.variables))
        await asyncio.sleep(0)
        body = {
            "query": request.query,
            "variables": request.variables,
            "operationName": request.operation_name,
        }
        with contextlib.redirect_stderr(io.StringIO()) as printed:
            # By way of JSON, so that no object is shared between the router and the recorded rows.
            answered = json.loads(json.dumps(self.subgraph.handle(json.loads(json.dumps(body)))))
        self.log.complaints.extend(printed.getvalue().splitlines())
        return SubgraphResponse(answered.get("data"), tuple(answered.get("errors") or ()))

    async def close(self) -> None:
        """Holds nothing."""


@functools.cache
def recorded_subgraph_class() -> Any:
    """Returns the `Subgraph` class of the folder's `serve.py`."""
    spec = importlib.util.spec_from_file_location("conformance_serve", FOLDER / "serve.py")
    assert spec is not None and spec.loader is not None, "serve.py stands beside the cases"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Subgraph


def suites() -> list[str]:
    """Returns the names of the suites; empty when the folder is not there."""
    cases = FOLDER / "cases"
    return sorted(path.name for path in cases.iterdir() if path.is_dir()) if cases.is_dir() else []


@functools.cache
def operations(suite: str) -> tuple[ConformanceOperation, ...]:
    """Returns the operations of a suite in order."""
    listed = json.loads((FOLDER / "cases" / suite / "tests.json").read_text("utf-8"))
    return tuple(
        ConformanceOperation(suite, index, each["query"], each["expected"])
        for index, each in enumerate(listed)
    )


def subgraph_sdls(suite: str) -> dict[str, str]:
    """Returns the SDL of each subgraph of a suite by its name."""
    folder = FOLDER / "cases" / suite
    listed = json.loads((folder / "subgraphs.json").read_text("utf-8"))
    return {each["name"]: (folder / each["file"]).read_text("utf-8") for each in listed}


@functools.cache
def router_of(suite: str, way: str) -> RouterUnderTest:
    """Returns a router over the suite's subgraphs: on the `given` supergraph, or on our own, `composed`."""
    folder, sdls = FOLDER / "cases" / suite, subgraph_sdls(suite)
    recorded = folder / "resolvers.json"
    rows = json.loads(recorded.read_text("utf-8")) if recorded.exists() else {}
    if way == "given":
        supergraph_sdl = (folder / "supergraph.graphql").read_text("utf-8")
    else:
        supergraph_sdl = compose(sdls).supergraph_sdl or ""
    log = FetchLog()
    subgraph = recorded_subgraph_class()
    clients: dict[str, SubgraphClient] = {
        name: RecordedClient(subgraph(suite, name, sdl, rows.get(name, {})), log)
        for name, sdl in sdls.items()
    }
    return RouterUnderTest(supergraph_sdl, clients, log)


def explain(operation: ConformanceOperation, way: str, answer: Answer) -> str:
    """Returns what a person needs to find the fault: operation, plan, fetches, complaints."""
    router = router_of(operation.suite, way)
    try:
        plan = router.plan_text(Request(operation.query))
    except Exception as error:  # noqa: BLE001 - the report of a failure must not fail on a broken planner
        plan = f"(no plan: {error!r})"
    fetches = "\n".join(fetch.text() for fetch in answer.fetches)
    complaints = "\n".join(answer.complaints) or "(none)"
    return (
        f"operation\n{operation.query}\nplan\n{plan}\nfetches\n{fetches}\n"
        f"complaints of the subgraphs\n{complaints}"
    )
