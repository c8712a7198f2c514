"""Our composition of every conformance suite, loaded by another gateway, is answered there as by us."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.node_packages import require_packages, thorough
from tests.support import conformance
from tests.support.processes import wait_until
from tests.support.run_router import Answer, Request, compose

PROJECT = Path(__file__).parent / "gateway"
DEADLINE_S = 300

pytestmark = [
    thorough,
    pytest.mark.skipif(not conformance.suites(), reason="the conformance suites are not there"),
]


@contextlib.contextmanager
def served_suites() -> Iterator[str]:
    """Serves the subgraphs of all suites while the block runs; yields the address above them."""
    port = free_port()
    command = [sys.executable, str(conformance.FOLDER / "serve.py"), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: is_open(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def free_port() -> int:
    """Returns a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port: int) -> bool:
    """Says whether something listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def supergraph_of(suite: str, way: str) -> str:
    """Returns the supergraph given with the suite, or our own of the same subgraphs."""
    if way == "given":
        return (conformance.FOLDER / "cases" / suite / "supergraph.graphql").read_text("utf-8")
    return compose(conformance.subgraph_sdls(suite)).supergraph_sdl or ""


def ask_gateway(node: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Returns what the gateway made of each suite, both ways."""
    with served_suites() as address:
        asked = [
            {
                "name": [suite, way],
                "supergraph": supergraph_of(suite, way),
                "urls": {name: f"{address}/{suite}/{name}" for name in conformance.subgraph_sdls(suite)},
                "operations": [each.query for each in conformance.operations(suite)],
            }
            for suite in conformance.suites()
            for way in conformance.WAYS
        ]
        done = subprocess.run(
            [node, "answer-suites.mjs"],
            cwd=PROJECT,
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=True,
            timeout=DEADLINE_S,
        )
    return {tuple(line["name"]): line for line in map(json.loads, done.stdout.splitlines())}


async def test_every_suite_is_loaded_and_answered_alike() -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    theirs = await asyncio.to_thread(ask_gateway, node)
    refused = {key: line["refused"] for key, line in theirs.items() if "refused" in line}
    assert refused == {}
    differ = []
    for suite in conformance.suites():
        given, composed = (theirs[suite, way]["answers"] for way in conformance.WAYS)
        for operation, on_given, on_ours in zip(conformance.operations(suite), given, composed, strict=True):
            answer = await conformance.router_of(suite, "composed").execute(Request(operation.query))
            place = f"{suite} {operation.index}"
            if on_given.get("data") != on_ours.get("data"):
                differ.append(f"{place}: our composition is answered otherwise there than the given one")
            # The gateway has faults of its own: there it answers the supergraph that came with the suite
            # wrongly as well.
            elif on_ours.get("data") != answer.data and not fails(operation, on_given):
                differ.append(f"{place}: the routers differ\n{on_ours}\n{answer.body}")
    assert differ == [], "\n".join(differ)


def fails(operation: conformance.ConformanceOperation, body: dict[str, Any]) -> bool:
    """Whether an answer is not the one the suite expects."""
    return bool(operation.mismatches(Answer(body, (), ())))
