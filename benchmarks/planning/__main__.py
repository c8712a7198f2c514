"""Runs the comparison: `python -m benchmarks.planning [--rounds 5] [--seeds 20] [--operations 10] [--peers]`.

`--peers` installs the npm planners beside this file the first time (Node.js is needed); without it only
our own figures are printed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from graphql import OperationDefinitionNode, parse

from benchmarks.planning.corpus import PlanningCase, conformance_corpus, drawn_corpus
from benchmarks.results_file import write_results
from router.errors import PlanningError
from router.graph import Graph
from router.operation import normalize_operation
from router.plan import Plan
from router.planner import plan_operation
from router.supergraph import Supergraph, load_supergraph

PEERS = Path(__file__).parent / "peers"
PEER_NAMES = ("apollo", "hive")


@dataclass(frozen=True, slots=True)
class Planned:
    """How one planner fared with one operation; `times` in milliseconds, empty when it was refused."""

    times: tuple[float, ...] = ()
    fetches: int = 0
    depth: int = 0
    refused: str = ""


def plan_once(supergraph: Supergraph, graph: Graph, query: str) -> Plan:
    """Plans from the text: parse, normalise, plan."""
    document = parse(query, no_location=True)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return plan_operation(graph, normalize_operation(supergraph, document, operation, {}))


def plan_in_rounds(supergraph: Supergraph, graph: Graph, query: str, rounds: int) -> Planned:
    """Plans one operation in every round; the first, which fills the graph's memory, counts too."""
    times, plan = [], Plan("query", ())
    for _ in range(rounds):
        start = time.perf_counter()
        try:
            plan = plan_once(supergraph, graph, query)
        except PlanningError as error:
            return Planned(refused=str(error))
        times.append((time.perf_counter() - start) * 1000)
    return Planned(tuple(times), len(plan.fetches), len(plan.levels()))


def plan_all(corpus: Sequence[PlanningCase], rounds: int) -> list[Planned]:
    """Plans every operation of a corpus with our own planner."""
    planned: list[Planned] = []
    for case in corpus:
        supergraph = load_supergraph(case.supergraph)
        graph = Graph(supergraph)
        planned += [plan_in_rounds(supergraph, graph, query, rounds) for query in case.operations]
    return planned


def plan_with_peers(corpus: Sequence[PlanningCase], rounds: int) -> dict[str, list[Planned]]:
    """Plans every operation with the npm planners, each in a process of its own."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise SystemExit("--peers needs Node.js with npm on PATH")
    if not (PEERS / "node_modules").is_dir():
        subprocess.run(
            [npm, "install", "--no-fund", "--no-audit", "--no-package-lock"], cwd=PEERS, check=True
        )
    count = sum(len(case.operations) for case in corpus)
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump([{"supergraph": each.supergraph, "operations": each.operations} for each in corpus], file)
        file.flush()
        return {
            name: plan_with_peer([node, "plan.mjs", name, file.name, str(rounds)], count)
            for name in PEER_NAMES
        }


def plan_with_peer(command: Sequence[str], count: int) -> list[Planned]:
    """Returns what one planner made of `count` operations; one that aborts its process counts as refused."""
    planned: list[Planned] = []
    while len(planned) < count:
        run = subprocess.run(
            [*command, str(len(planned))],
            cwd=PEERS,
            check=False,
            capture_output=True,
        )
        for line in run.stdout.splitlines():
            each = json.loads(line)
            planned.append(Planned(**{**each, "times": tuple(each.get("times", ()))}))
        if len(planned) < count:
            planned.append(Planned(refused=f"the planner's process ended with {run.returncode}"))
    return planned


def table(results: Mapping[str, Sequence[Planned]]) -> str:
    """Returns the figures of each planner over the operations all of them planned."""
    shared = [index for index, row in enumerate(zip(*results.values(), strict=True)) if all_planned(row)]
    lines = [
        f"{'planner':10} {'median ms':>10} {'p95 ms':>8} {'max ms':>8} {'fetches':>8} {'chain':>6} refused"
    ]
    for name, planned in results.items():
        rows = [planned[index] for index in shared]
        times = sorted(statistics.median(row.times) for row in rows)
        refused = sum(1 for row in planned if row.refused)
        lines.append(
            f"{name:10} {statistics.median(times):10.2f} {times[int(len(times) * 0.95)]:8.2f}"
            f" {times[-1]:8.2f} {sum(row.fetches for row in rows):8} {sum(row.depth for row in rows):6}"
            f" {refused:7}"
        )
    return "\n".join(lines)


def all_planned(row: Sequence[Planned]) -> bool:
    """Whether no planner refused the operation."""
    return not any(each.refused for each in row)


def worse_plans(corpus: Sequence[PlanningCase], results: Mapping[str, Sequence[Planned]]) -> list[str]:
    """Returns the operations for which a peer needs fewer fetches or a shorter chain."""
    queries = [(case.name, index) for case in corpus for index in range(len(case.operations))]
    found = []
    for place, row in zip(queries, zip(*results.values(), strict=True), strict=True):
        ours, *others = row
        peers = [each for each in others if not each.refused]
        if any((each.depth, each.fetches) < (ours.depth, ours.fetches) for each in peers):
            best = min(peers, key=lambda each: (each.depth, each.fetches))
            found.append(
                f"{place[0]} {place[1]}: ours {ours.fetches} fetches, chain {ours.depth};"
                f" best {best.fetches}, {best.depth}"
            )
    return found


def compare(
    title: str, corpus: Sequence[PlanningCase], rounds: int, *, peers: bool
) -> dict[str, list[Planned]]:
    """Runs one corpus and prints its table; returns the figures by planner."""
    results: dict[str, list[Planned]] = {"zellige": plan_all(corpus, rounds)}
    if peers:
        results |= plan_with_peers(corpus, rounds)
    lines = [f"{title}: {len(results['zellige'])} operations", table(results)]
    if peers:
        lines += ["a peer plans better:", *(worse_plans(corpus, results) or ["(none)"])]
    print("\n".join(lines), end="\n\n", flush=True)
    return results


def main() -> None:
    """Reads the command line, prints a table per corpus and writes the figures down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planning")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--operations", type=int, default=10)
    parser.add_argument("--peers", action="store_true")
    arguments = parser.parse_args()
    corpora = {
        "conformance": conformance_corpus(),
        "drawn": drawn_corpus(range(arguments.seeds), arguments.operations),
    }
    figures = {}
    for title, corpus in corpora.items():
        if corpus:
            results = compare(title, corpus, arguments.rounds, peers=arguments.peers)
            figures[title] = {name: [asdict(each) for each in row] for name, row in results.items()}
    print(f"figures: {write_results('planning', figures)}")


if __name__ == "__main__":
    main()
