"""The figures of the last runs, in the guide to performance.

examples:
  python -m benchmarks.gateways report            writes the figures of the last runs into the guide
  python -m benchmarks.gateways report --check    only says whether they stand there
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.gateways.operations import OPERATIONS
from benchmarks.gateways.tables import markdown_table, ratio_table
from benchmarks.results_file import RESULTS

GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/performance.md"


def figures(name: str) -> dict[str, Any] | None:
    """Returns what the last run of that name left; None when there was none."""
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def ran_on(run: Mapping[str, Any]) -> str:
    """Returns what a run ran on in one sentence."""
    on = run["ran_on"]
    node = f", Node.js {on['node']}" if on["node"] else ""
    cores = f"{on['cores']} cores of {on['processor'] or on['machine']}"
    load = f"load {on['load'][1]:.1f} over the five minutes before its end"
    return f"Run on {on['date']}: {cores}, Python {on['python']}{node}; {load}."


def comparison_section() -> str:
    """Returns the tables of the last comparison."""
    run = figures("latest")
    if run is None:
        return "Not run yet."
    peers = ", ".join(f"`{name}` {version}" for name, version in run["ran_on"]["peers"].items())
    parts = [
        f"{ran_on(run)} {peers}.",
        ratio_table(run["ratios"]),
        "![CPU per request](../../benchmarks/results/latest.svg)",
    ]
    for (operation, mode), rows in groupby(run["rows"], lambda row: (row["operation"], row["mode"])):
        about = OPERATIONS[operation].about if operation in OPERATIONS else ""
        parts += [f"**{operation}, {mode}**: {about}", markdown_table(list(rows))]
    ceiling = ", ".join(
        f"{each['rps']:,} of {each['bytes']:,} bytes ({each['generator']})" for each in run["ceiling"]
    )
    if ceiling:
        parts.append(f"Generator and subgraphs alone, requests a second: {ceiling}.")
    return "\n\n".join(parts)


def scaling_section() -> str:
    """Returns the curves of the last run."""
    run = figures("scaling")
    if run is None:
        return "Not run yet."
    return f"{ran_on(run)}\n\n![How the cost of a request grows](../../benchmarks/results/scaling.svg)"


def faults_section() -> str:
    """Returns what faults did in the last run."""
    run = figures("faults")
    if run is None:
        return "Not run yet."
    lines = ["| the subgraph | p99 of the others, of healthy | slowest answer | answers | bounds |"]
    lines.append("| --- | ---: | ---: | --- | --- |")
    for each in run["findings"]:
        answers = ", ".join(f"{count} × {answer}" for answer, count in each["answers_of_needing"].items())
        verdict = "; ".join(each["problems"]) or "met"
        lines.append(
            f"| {each['fault']} | {each['ratio']:.2f} | {each['slowest_needing_ms']:,.0f} ms"
            f" | {answers} | {verdict} |"
        )
    return "\n".join([ran_on(run), "", *lines])


def memory_section() -> str:
    """Returns what a worker held in the last run."""
    run = figures("memory")
    if run is None:
        return "Not run yet."
    samples = run["samples"]
    highest = max(sample["rss_mb"] for sample in samples)
    verdict = "; ".join(run["problems"]) or "within its bounds, and flat"
    first, last = samples[0], samples[-1]
    return (
        f"{ran_on(run)} {last['requests']:,} requests of {run['operations']:,} operations: "
        f"{first['rss_mb']:.0f} MB before, {last['rss_mb']:.0f} MB after, {highest:.0f} MB at most: "
        f"{verdict}.\n\n![What a worker holds](../../benchmarks/results/memory.svg)"
    )


def profile_section() -> str:
    """Returns the areas of the last profile."""
    run = figures("profile")
    if run is None:
        return "Not run yet."
    lines = ["| share | where |", "| ---: | --- |"]
    lines += [f"| {share:.1f}% | {area} |" for area, share in run["areas"].items()]
    return "\n".join([ran_on(run), "", *lines])


SECTIONS = {
    "comparison": comparison_section,
    "scaling": scaling_section,
    "faults": faults_section,
    "memory": memory_section,
    "profile": profile_section,
}


def with_figures(page: str) -> str:
    """Returns the page with every marked section written anew; a page without a mark is refused."""
    for name, section in SECTIONS.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, found, rest = page.partition(begin)
        _, also_found, after = rest.partition(end)
        if not (found and also_found):
            raise ValueError(f"{GUIDE} has no section between {begin} and {end}")
        page = f"{before}{begin}\n\n{section()}\n\n{end}{after}"
    return page


def refresh_guide() -> None:
    """Writes the figures of the last runs into the guide."""
    GUIDE.write_text(with_figures(GUIDE.read_text("utf-8")), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Writes the figures into the guide; with --check returns 1 when they do not stand there."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gateways report",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing, say whether the guide is fresh")
    options = parser.parse_args(arguments)
    if options.check:
        page = GUIDE.read_text("utf-8")
        is_fresh = page == with_figures(page)
        if not is_fresh:
            print(f"{GUIDE} is not fresh: python -m benchmarks.gateways report", file=sys.stderr)
        return int(not is_fresh)
    refresh_guide()
    print(f"written: {GUIDE}")
    return 0
