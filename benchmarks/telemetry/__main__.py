"""Measures what telemetry costs.

examples:
  python -m benchmarks.telemetry                    about six minutes
  python -m benchmarks.telemetry --quick            short rounds, no results file
  python -m benchmarks.telemetry --operations one-field --rounds 5
  python -m benchmarks.telemetry --operations public --parts all --rounds 25 --seconds 1
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks.gateways.arena import Arena
from benchmarks.gateways.catalogue import Gateway, zellige_command
from benchmarks.gateways.figures import Row
from benchmarks.gateways.operations import OPERATIONS, UNIQUE
from benchmarks.gateways.processes import free_port
from benchmarks.gateways.progress import Progress
from benchmarks.gateways.rounds import Measuring, Settings
from benchmarks.results_file import write_results

OFF, ALL = "off", "all"
# Of the CPU time for each request, which is the throughput of a process that has its core to itself, and does
# not shrink because of what else the machine does.
COST_MAX = 0.10
HELD = "public"


def variants(collector_url: str) -> dict[str, dict[str, Any]]:
    """Returns the settings of each router that is measured, by name."""
    metrics = {"enabled": True}

    def traces(ratio: float) -> dict[str, Any]:
        return {"enabled": True, "endpoint": collector_url, "sampling_ratio": ratio}

    return {
        OFF: _settings(),
        "metrics": _settings(metrics=metrics),
        "access log": _settings(access_log=True),
        "traces, 1 of 10": _settings(tracing=traces(0.1)),
        "traces, each": _settings(tracing=traces(1.0)),
        ALL: _settings(access_log=True, metrics=metrics, tracing=traces(0.1)),
    }


def _settings(*, access_log: bool = False, **telemetry: Any) -> dict[str, Any]:
    metrics = telemetry.get("metrics")
    if metrics is not None:
        # They run beside each other, measured in turn.
        telemetry["metrics"] = {**metrics, "port": free_port()}
    return {
        "logging": {"level": "info", "access_log": access_log},
        "telemetry": {**telemetry, "inspection": {"enabled": False}},
    }


def routers(settings: Mapping[str, Mapping[str, Any]], folder: Path) -> list[Gateway]:
    """Returns the routers of these settings."""
    found: list[Gateway] = []
    for number, (name, values) in enumerate(settings.items()):
        file = folder / f"telemetry-{number}.yaml"
        file.write_text(yaml.safe_dump(dict(values)), "utf-8")
        found.append(Gateway(name, f"our router, telemetry: {name}", zellige_command(str(file))))
    return found


def cost_of(row: Row, off: Row) -> float:
    """Returns what a row costs more CPU time than `off`, as a share: the median over neighbouring rounds."""
    pairs = zip(row.rounds, off.rounds, strict=True)
    return statistics.median(with_it.cpu_ms / without.cpu_ms - 1 for with_it, without in pairs)


def figures_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Returns the rows with their costs; a row with a problem has none."""
    off = next(row for row in rows if row.gateway == OFF)
    found: list[dict[str, Any]] = []
    for row in rows:
        figures: dict[str, Any] = {
            "telemetry": row.gateway,
            "operation": row.operation,
            "rps": row.median("rps"),
            "cpu_ms": row.median("cpu_ms"),
            "rss_mb": row.median("rss_mb"),
            "problem": row.problem,
        }
        if not row.problem and not off.problem:
            figures["cost"] = cost_of(row, off)
        found.append({key: round(one, 4) if isinstance(one, float) else one for key, one in figures.items()})
    return found


def print_figures(figures: Sequence[Mapping[str, Any]]) -> None:
    """Prints one operation's table."""
    print(f"\n{figures[0]['operation']}, unique requests")
    print(f"{'telemetry':18}{'requests/s':>12}{'CPU ms':>10}{'cost':>8}{'MB':>7}")
    for row in figures:
        if row["problem"] or row["rps"] is None:
            print(f"{row['telemetry']:18}{row['problem']}")
            continue
        cost = row.get("cost", 0.0)
        print(
            f"{row['telemetry']:18}{row['rps']:>12.0f}{row['cpu_ms']:>10.3f}{cost:>+8.1%}{row['rss_mb']:>7.0f}"
        )


def read_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.telemetry",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--operations", default="public,one-field", help="comma-separated")
    parser.add_argument("--parts", help="comma-separated, all unless given; `off` is always measured")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each round of each router")
    parser.add_argument("--quick", action="store_true", help="short rounds and no results file")
    found = parser.parse_args()
    unknown = sorted(set(found.operations.split(",")) - set(OPERATIONS))
    if unknown:
        parser.error(f"there is no operation {', '.join(unknown)}; there are {', '.join(OPERATIONS)}")
    return found


def chosen(settings: Mapping[str, Mapping[str, Any]], parts: str | None) -> dict[str, Mapping[str, Any]]:
    """Returns the settings of the parts that were asked for, and those without any."""
    names = {OFF, *(parts.split(",") if parts else settings)}
    return {name: values for name, values in settings.items() if name in names}


def main() -> int:
    """Runs the comparison; returns 1 when telemetry costs more than it may, or was not measured."""
    options = read_arguments()
    settings = Settings(options.rounds, options.seconds, 3.0)
    if options.quick:
        settings = Settings(2, 1.5, 1.5)
    say = Progress().say
    figures: list[dict[str, Any]] = []
    with Arena() as arena:
        # The subgraphs' process takes exports as a collector would.
        all_settings = variants(f"{arena.subgraphs_url}/v1/traces")
        contenders = routers(chosen(all_settings, options.parts), arena.folder)
        for name in options.operations.split(","):
            # Requests that share one execution would share its spans, and hide what they cost.
            operation = replace(OPERATIONS[name], modes=(UNIQUE,))
            figures += (found := figures_of(Measuring(arena, operation, settings, say).run(contenders)))
            print_figures(found)
    if not options.quick and options.parts is None:
        print(f"\nresults: {write_results('telemetry', figures)}")
    costs = [row.get("cost") for row in figures if (row["telemetry"], row["operation"]) == (ALL, HELD)]
    if not costs:
        return 0
    is_cheap = all(cost is not None and cost <= COST_MAX for cost in costs)
    print(f"all telemetry within {COST_MAX:.0%} of the {HELD} operation: {'yes' if is_cheap else 'NO'}")
    return 0 if is_cheap else 1


if __name__ == "__main__":
    sys.exit(main())
