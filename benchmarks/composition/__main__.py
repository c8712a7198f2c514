"""Runs the comparison.

`python -m benchmarks.composition [--rounds 5] [--subgraphs 100] [--entities 50] [--homes 5] [--peers]`

`--peers` installs the npm composers beside this file the first time (Node.js is needed); without it only our
own figures are printed.
"""

from __future__ import annotations

import argparse
import gc
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.composition.corpus import (
    CompositionCorpus,
    conformance_corpus,
    generated_corpus,
    own_corpus,
)
from benchmarks.results_file import write_results
from router.composition.compose import compose_supergraph
from router.composition.source import SubgraphSource

PEERS = Path(__file__).parent / "peers"
PEER_NAMES = ("guild", "apollo")
PEER_SECONDS_MAX = 300.0


@dataclass(frozen=True, slots=True)
class Composed:
    """How one composer fared with one set; `times` in milliseconds, empty when it was refused."""

    times: tuple[float, ...] = ()
    refused: str = ""


def compose_in_rounds(subgraphs: Mapping[str, str], rounds: int) -> Composed:
    """Composes one set with our own composer in every round."""
    times = []
    for _ in range(rounds):
        sources = [
            SubgraphSource(name, sdl, f"http://{name}.test/graphql") for name, sdl in subgraphs.items()
        ]
        gc.collect()
        start = time.perf_counter()
        composition = compose_supergraph(sources)
        if composition.supergraph_sdl is None:
            errors = [each.message for each in composition.diagnostics if each.is_error]
            return Composed(refused=errors[0])
        times.append((time.perf_counter() - start) * 1000)
    return Composed(tuple(times))


def compose_with_peers(corpus: CompositionCorpus, rounds: int) -> dict[str, list[Composed]]:
    """Composes every set with the npm composers, each in a process of its own."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise SystemExit("--peers needs Node.js with npm on PATH")
    if not (PEERS / "node_modules").is_dir():
        subprocess.run(
            [npm, "install", "--no-fund", "--no-audit", "--no-package-lock"], cwd=PEERS, check=True
        )
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(corpus.sets, file)
        file.flush()
        return {
            name: compose_with_peer([node, "compose.mjs", name, file.name, str(rounds)], len(corpus.sets))
            for name in PEER_NAMES
        }


def compose_with_peer(command: Sequence[str], count: int) -> list[Composed]:
    """Returns what one npm composer made of the sets; what it has not done in time counts as refused."""
    try:
        done = subprocess.run(
            command, cwd=PEERS, stdout=subprocess.PIPE, check=False, timeout=PEER_SECONDS_MAX
        )
        output, reason = done.stdout, f"the process ended with {done.returncode}"
    except subprocess.TimeoutExpired as late:
        output, reason = late.stdout or b"", f"not done in {PEER_SECONDS_MAX:.0f} s"
    lines = [json.loads(line) for line in output.splitlines()]
    composed = [Composed(tuple(line["times"]), line["refused"]) for line in lines]
    return composed + [Composed(refused=reason)] * (count - len(composed))


def total_ms(composed: Sequence[Composed], shared: Sequence[int]) -> float:
    """Returns the sum of the medians over some of the sets."""
    return sum(statistics.median(composed[index].times) for index in shared)


def table(results: Mapping[str, Sequence[Composed]]) -> str:
    """Returns the figures as text; each composer is compared with ours over the sets it has composed."""
    ours = results["zellige"]
    lines = [f"{'composer':10} {'sum of medians ms':>18} {'ours ms':>10} {'to ours':>8} refused"]
    for name, composed in results.items():
        pairs = enumerate(zip(ours, composed, strict=True))
        shared = [index for index, pair in pairs if not any(each.refused for each in pair)]
        theirs, own = total_ms(composed, shared), total_ms(ours, shared)
        ratio = f"{theirs / own:8.2f}" if shared else f"{'-':>8}"
        lines.append(f"{name:10} {theirs:18.1f} {own:10.1f} {ratio} {len(composed) - len(shared):7}")
        lines += [f"{'':10} {each.refused}" for each in composed if each.refused]
    return "\n".join(lines)


def compare(corpus: CompositionCorpus, rounds: int, *, peers: bool) -> dict[str, list[Composed]]:
    """Runs one corpus and prints its table."""
    results = {"zellige": [compose_in_rounds(subgraphs, rounds) for subgraphs in corpus.sets]}
    if peers:
        results |= compose_with_peers(corpus, rounds)
    print(f"{corpus.title}: {len(corpus.sets)} supergraphs, {rounds} rounds\n{table(results)}\n", flush=True)
    return results


def main(given: Sequence[str] | None = None) -> None:
    """Reads the command line, prints a table per corpus and writes the figures down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.composition")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--subgraphs", type=int, default=100)
    parser.add_argument("--entities", type=int, default=50)
    parser.add_argument("--homes", type=int, default=5, help="in how many subgraphs each entity lives")
    parser.add_argument("--peers", action="store_true")
    arguments = parser.parse_args(given)
    figures = {}
    for corpus, rounds in (
        (own_corpus(), arguments.rounds),
        (conformance_corpus(), arguments.rounds),
        # One round takes long enough to be exact, and longer than anyone wants to wait for several.
        (generated_corpus(arguments.subgraphs, arguments.entities, arguments.homes), 1),
    ):
        if corpus.sets:
            results = compare(corpus, rounds, peers=arguments.peers)
            figures[corpus.title] = {name: [asdict(each) for each in row] for name, row in results.items()}
    print(f"figures: {write_results('composition', figures)}")


if __name__ == "__main__":
    main()
