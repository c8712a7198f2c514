"""What load generator and subgraphs can do without a gateway: what is measured must lie well below."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.gateways.arena import Arena
from benchmarks.gateways.load.plan import LoadPlan
from benchmarks.gateways.load.run import has_wrk, run_load
from benchmarks.gateways.operations import list_query

SECONDS = 1.5
SMALL = ("/public/accounts", json.dumps({"query": "{ me { name } }"}))
LARGE = (
    "/shapes/catalogue",
    json.dumps({"query": list_query("id name updatedAt"), "variables": {"count": 1_200}}),
)


def measure_ceiling(arena: Arena) -> list[dict[str, Any]]:
    """Returns requests a second straight to the subgraphs, which share their cores with the generator."""
    found = []
    for size, (path, body) in (("small", SMALL), ("large", LARGE)):
        bodies = arena.bodies_file(f"ceiling-{size}", [body])
        plan = LoadPlan(arena.subgraphs.port, bodies, seconds=SECONDS, path=path, is_unique=True)
        run_load(plan, arena.other_cores)
        for by_wrk in (False, True) if has_wrk() else (False,):
            result = run_load(plan, arena.other_cores, by_wrk=by_wrk)
            bytes_each = round(result.bytes / max(1, result.requests))
            found.append({"generator": result.generator, "bytes": bytes_each, "rps": round(result.rps)})
    return found


def ceiling_lines(ceiling: list[dict[str, Any]]) -> list[str]:
    """Returns a line for each."""
    return [
        f"ceiling of generator ({each['generator']}) and subgraphs on their core: "
        f"{each['rps']:,} requests/s of {each['bytes']:,} bytes"
        for each in ceiling
    ]
