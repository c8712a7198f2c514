"""Runs the comparison: `python -m benchmarks.execution [--rounds 30] [--peers] [--platform]`.

`--peers` adds graphql-js and graphql-jit (Node.js is needed), `--platform` a page of products through the
router on real databases. Writes `results/execution.json` and `results/execution.svg`; ends with 1 when one
of the bounds is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Mapping

from benchmarks.execution.entities import Ask, ask_kit, ask_plain
from benchmarks.execution.lists import measure_lists, measure_peers
from benchmarks.execution.plot import write_plot
from benchmarks.results_file import write_results

Figures = Mapping[str, list[float]]

BOUNDS = (
    # what, measured against, at most this part of it
    ("plain compiled", "plain graphql-core", 1 / 25),
    ("plain compiled", "plain graphql-js", 1.0),
    ("async compiled", "async graphql-core", 1 / 10),
    ("entities of 1, kit", "entities of 1, Strawberry", 1 / 12),
    ("entities of 100, kit", "entities of 100, Strawberry", 1 / 8),
    ("product page, now", "product page, before", 1 / 4),
)


ENTITY_REQUESTS = 10
"""Requests in a row per turn, as a server has them: else each finds the other contender's caches."""


async def measure_entities(rounds: int) -> dict[str, list[float]]:
    """Returns the milliseconds of CPU of `_entities`, as Strawberry alone and as the kit answers it."""
    asks: dict[str, Ask] = {"Strawberry": ask_plain(), "kit": ask_kit()}
    times: dict[str, list[float]] = {}
    for count in (1, 100):
        answers = [await ask(count) for ask in asks.values()]
        assert answers[0] == answers[1], "they must agree"
        for _ in range(rounds):
            for name, ask in asks.items():
                start = time.process_time()
                for _ in range(ENTITY_REQUESTS):
                    await ask(count)
                took = (time.process_time() - start) * 1e3 / ENTITY_REQUESTS
                times.setdefault(f"entities of {count}, {name}", []).append(took)
    return times


def print_table(figures: Figures) -> None:
    """Prints medians."""
    print(f"{'what':<34}{'ms, median':>12}{'best':>10}{'rounds':>9}")
    for name, times in figures.items():
        print(f"{name:<34}{statistics.median(times):>12.3f}{min(times):>10.3f}{len(times):>9}")


def print_bounds(figures: Figures) -> bool:
    """Prints how each bound fares; returns whether all that were measured are kept."""
    kept = True
    print(f"\n{'bound':<56}{'asked':>8}{'found':>8}")
    for name, base, share in BOUNDS:
        if name not in figures or base not in figures:
            continue
        ratio = statistics.median(figures[base]) / statistics.median(figures[name])
        kept = kept and ratio >= 1 / share
        mark = "" if ratio >= 1 / share else "  missed"
        print(f"{f'{name}: faster than {base}':<56}{1 / share:>7.1f}x{ratio:>7.1f}x{mark}")
    return kept


def main() -> None:
    """Measures, prints, writes the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.execution", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--peers", action="store_true", help="graphql-js and graphql-jit as well")
    parser.add_argument("--platform", action="store_true", help="a page of products as well; needs databases")
    options = parser.parse_args()
    figures: dict[str, list[float]] = measure_lists(options.rounds)
    if options.peers:
        figures.update(measure_peers(options.rounds))
    figures.update(asyncio.run(measure_entities(options.rounds)))
    if options.platform:
        # Only then: it brings the whole platform and its tests' support along.
        from benchmarks.execution.platform import measure_before, measure_platform  # noqa: PLC0415

        figures.update(asyncio.run(measure_platform(min(options.rounds, 7))))
        figures.update(measure_before(min(options.rounds, 5)))
    print_table(figures)
    kept = print_bounds(figures)
    write_results("execution", figures)
    write_plot(figures)
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
