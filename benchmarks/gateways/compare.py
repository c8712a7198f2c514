"""`make bench`: measures the gateways in turn, prints tables and ratios, writes `results/latest.json`.

examples:
  python -m benchmarks.gateways                                   everything, about 25 minutes
  python -m benchmarks.gateways --no-peers                        without the gateways of the npm registry
  python -m benchmarks.gateways --gateways zellige,floor-structs --operations public --quick
  python -m benchmarks.gateways --operations one-field,mutation --rounds 5 --seconds 10

A run of everything ends with the curves of `scaling`, writes results/latest.json with its drawing, and shows
the figures in the guide to performance. A run of a part writes only where --output says.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.gateways.arena import Arena
from benchmarks.gateways.bounds import ratios_of
from benchmarks.gateways.catalogue import GATEWAYS, Gateway, install_peers
from benchmarks.gateways.ceiling import ceiling_lines, measure_ceiling
from benchmarks.gateways.figures import Row
from benchmarks.gateways.keeping import draw_rows, is_kept, keep, make_parser, write_figures
from benchmarks.gateways.operations import OPERATIONS, Operation
from benchmarks.gateways.progress import Progress
from benchmarks.gateways.rounds import Measuring, Settings
from benchmarks.gateways.scaling import SCALING_SETTINGS, draw_scaling, measure_scaling
from benchmarks.gateways.tables import ratio_lines, text_table

Named = TypeVar("Named")


def named(known: Mapping[str, Named]) -> Callable[[str], list[Named]]:
    """Returns what reads a comma-separated list of names."""

    def read(text: str) -> list[Named]:
        names = text.split(",")
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise argparse.ArgumentTypeError(
                f"there is no {', '.join(unknown)}; there are {', '.join(known)}"
            )
        return [known[name] for name in names]

    return read


def read_arguments(arguments: Sequence[str]) -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    """Reads the command line; what its names stand for is in the options themselves."""
    parser = make_parser("", __doc__)
    for option, known in (("gateways", GATEWAYS), ("operations", OPERATIONS)):
        about = "; ".join(f"{each.name}: {each.about}" for each in known.values())
        parser.add_argument(
            f"--{option}",
            type=named(known),
            default=list(known.values()),
            metavar="NAME,...",
            help=f"all unless given. {about}",
        )
    parser.add_argument("--no-peers", action="store_true", help="leave out the gateways of the npm registry")
    parser.add_argument("--rounds", type=int, default=3, help="3 unless given; the bounds want 3 or more")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each round of each gateway")
    parser.add_argument(
        "--warm-up", type=float, default=5.0, metavar="SECONDS", help="of CPU, before a gateway's first round"
    )
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--generator", choices=("own", "wrk"), default="own")
    parser.add_argument("--quick", action="store_true", help="one short round and no look at the rig itself")
    parser.add_argument("--output", type=Path, help="write the figures of this run here")
    return parser, parser.parse_args(arguments)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Returns how long and how often is measured."""
    if arguments.quick:
        return Settings(1, 2.0, 1.5, arguments.connections, arguments.generator)
    return Settings(
        arguments.rounds,
        arguments.seconds,
        arguments.warm_up,
        arguments.connections,
        arguments.generator,
    )


def measure_all(
    arena: Arena, operations: Sequence[Operation], gateways: Sequence[Gateway], settings: Settings
) -> list[Row]:
    """Measures operation by operation and prints the table of each."""
    progress = Progress()
    rows: list[Row] = []
    for operation in operations:
        found = Measuring(arena, operation, settings, progress.say).run(gateways)
        print_tables(operation, found)
        rows += found
    return rows


def print_tables(operation: Operation, rows: Sequence[Row]) -> None:
    """Prints a table for each mode of one operation."""
    for mode, of_mode in groupby(rows, lambda row: row.mode):
        title = f"\n{operation.name}, {mode}: {operation.about}"
        print(text_table(title, [row.to_map() for row in of_mode]), flush=True)


def main(arguments: Sequence[str]) -> int:
    """Runs the comparison; returns 1 when a bound was missed, or nothing could be measured."""
    parser, options = read_arguments(arguments)
    gateways = [each for each in options.gateways if not (options.no_peers and each.is_peer)]
    if any(each.is_peer for each in gateways):
        install_peers()
    with Arena() as arena:
        run = compare(arena, gateways, options)
        drawing = draw_rows(run["rows"])
        if options.output is not None:
            write_figures(options.output, run, drawing)
        if is_kept(parser, options):
            keep("latest", run, drawing)
            whole = [each for each in gateways if not each.operations]
            rows = measure_scaling(arena, whole, SCALING_SETTINGS, Progress())
            keep("scaling", {"rows": rows}, draw_scaling(rows))
    missed = any(ratio["verdict"].startswith("missed") for ratio in run["ratios"])
    return int(missed or not any(row["rounds"] for row in run["rows"]))


def compare(arena: Arena, gateways: Sequence[Gateway], options: argparse.Namespace) -> dict[str, Any]:
    """Measures and prints; returns the figures as they stand in the results."""
    settings = settings_of(options)
    ceiling = [] if options.quick else measure_ceiling(arena)
    print("".join(f"{line}\n" for line in ceiling_lines(ceiling)), end="", flush=True)
    rows = measure_all(arena, options.operations, gateways, settings)
    ratios = [ratio.to_map() for ratio in ratios_of(rows)]
    print("\nratio of ours to the other's, median of rounds")
    print("\n".join(ratio_lines(ratios)))
    return {
        "settings": asdict(settings),
        "ceiling": ceiling,
        "ratios": ratios,
        "rows": [row.to_map() for row in rows],
    }
