"""How the cost of a request grows: with the length of its lists, its size, and the number of its subgraphs.

examples:
  python -m benchmarks.gateways scaling
  python -m benchmarks.gateways scaling --gateways zellige --seconds 1 --rounds 1
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from benchmarks.gateways.arena import Arena
from benchmarks.gateways.catalogue import GATEWAYS, Gateway, install_peers
from benchmarks.gateways.drawing import Panel, draw_panels
from benchmarks.gateways.figures import Row
from benchmarks.gateways.keeping import is_kept, keep, make_parser
from benchmarks.gateways.operations import JOINED_FIELDS, Operation, list_query, one_body
from benchmarks.gateways.progress import Progress
from benchmarks.gateways.rounds import Measuring, Settings
from benchmarks.gateways.worlds.parts import parts_query

LENGTHS = (1, 10, 100, 1_000, 4_000)
TEXT_BYTES = (100, 1_000, 10_000, 100_000)
SUBGRAPHS = (1, 2, 4, 8, 16)
PAGES = 10
SCALING_SETTINGS = Settings(rounds=3, seconds=2.0, warm_up_seconds=2.0)
_PAGES_QUERY = (
    "query Pages($count: Int!, $bytes: Int!) { pages(count: $count, bytes: $bytes) { id text views } }"
)
AXES = {
    "list length": "rows of 10 fields, 2 subgraphs",
    "response size": "kB in 10 texts, 2 subgraphs",
    "subgraphs": "subgraphs of 20 rows, 2 fields in each",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of an axis and where it stands on it."""

    axis: str
    x: float
    operation: Operation


def steps() -> Iterator[Step]:
    """Yields the operations of every axis."""
    for length in LENGTHS:
        body = one_body(list_query(JOINED_FIELDS), {"count": length})
        yield Step("list length", length, Operation(f"rows-{length}", "shapes", f"{length} rows", body))
    for size in TEXT_BYTES:
        body = one_body(_PAGES_QUERY, {"count": PAGES, "bytes": size})
        kilobytes = PAGES * size / 1_000
        yield Step("response size", kilobytes, Operation(f"bytes-{size}", "shapes", f"{kilobytes} kB", body))
    for number in SUBGRAPHS:
        body = one_body(parts_query(number))
        yield Step("subgraphs", number, Operation(f"parts-{number}", "parts", f"{number} subgraphs", body))


def measure_scaling(
    arena: Arena, gateways: Sequence[Gateway], settings: Settings, progress: Progress
) -> list[dict[str, Any]]:
    """Returns a row for each step and gateway; a gateway stays up for all steps over one world."""
    rows: list[dict[str, Any]] = []
    for world, of_world in groupby(steps(), lambda step: step.operation.world):
        with ExitStack() as stack:
            running = {each.name: stack.enter_context(arena.start_gateway(each, world)) for each in gateways}
            for step in of_world:
                found = Measuring(arena, step.operation, settings, progress.say, running).run(gateways)
                rows += [_row_of(step, row) for row in found]
    return rows


def _row_of(step: Step, row: Row) -> dict[str, Any]:
    figures = {name: row.median(name) for name in ("cpu_ms", "rps", "p99_ms", "fetches")}
    return {"axis": step.axis, "x": step.x, "gateway": row.gateway, **figures, "problem": row.problem}


def draw_scaling(rows: Sequence[dict[str, Any]]) -> str:
    """Returns the curves of every axis."""
    names = list(dict.fromkeys(row["gateway"] for row in rows))
    panels = []
    for axis, x_label in AXES.items():
        series = {
            name: [
                (row["x"], row["cpu_ms"])
                for row in rows
                if row["axis"] == axis and row["gateway"] == name and row["cpu_ms"]
            ]
            for name in names
        }
        panels.append(
            Panel(f"by {axis}", x_label, {name: points for name, points in series.items() if points})
        )
    return draw_panels("How the cost of a request grows", "CPU ms per request", panels)


def main(arguments: Sequence[str]) -> int:
    """Measures every axis and draws it; returns 1 when nothing could be measured."""
    whole = [name for name, gateway in GATEWAYS.items() if not gateway.operations]
    parser = make_parser("scaling", __doc__)
    parser.add_argument("--gateways", default=",".join(whole), help=f"comma-separated; all of {whole}")
    parser.add_argument("--rounds", type=int, default=SCALING_SETTINGS.rounds)
    parser.add_argument("--seconds", type=float, default=SCALING_SETTINGS.seconds)
    options = parser.parse_args(arguments)
    names = options.gateways.split(",")
    if unknown := sorted(set(names) - set(whole)):
        parser.error(
            f"there is no {', '.join(unknown)} that answers everything; there are {', '.join(whole)}"
        )
    gateways = [GATEWAYS[name] for name in names]
    if any(gateway.is_peer for gateway in gateways):
        install_peers()
    settings = Settings(options.rounds, options.seconds, SCALING_SETTINGS.warm_up_seconds)
    with Arena() as arena:
        rows = measure_scaling(arena, gateways, settings, Progress())
    for row in rows:
        cpu = "-" if row["cpu_ms"] is None else f"{row['cpu_ms']:.3f}"
        print(f"{row['axis']:<14}{row['x']:>8g}  {row['gateway']:<26}{cpu:>10} ms CPU  {row['problem'][:80]}")
    if is_kept(parser, options):
        keep("scaling", {"rows": rows}, draw_scaling(rows))
    return int(not any(row["cpu_ms"] for row in rows))
