"""What runs leave behind: a file of figures each, drawings beside them, and the guide that shows them.

Only a run in full leaves its figures, with no option changed; a shorter one does so when it is told to
`--keep` them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.gateways.drawing import draw_bars
from benchmarks.gateways.machine import machine
from benchmarks.gateways.report import refresh_guide
from benchmarks.results_file import RESULTS


def make_parser(command: str, description: str | None) -> argparse.ArgumentParser:
    """Returns the parser of one command, with what all have."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.gateways {command}".strip(),
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--keep", action="store_true", help="keep the figures, although the run is shortened")
    return parser


def is_kept(parser: argparse.ArgumentParser, options: argparse.Namespace) -> bool:
    """Tells whether the figures of a run are to be kept."""
    return options.keep or all(parser.get_default(name) == value for name, value in vars(options).items())


def keep(name: str, content: Mapping[str, Any], drawing: str | None = None) -> None:
    """Writes the figures of a run, and its drawing, and shows them in the guide."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    write_figures(file, content, drawing)
    refresh_guide()
    print(f"kept: {file}")


def write_figures(file: Path, content: Mapping[str, Any], drawing: str | None = None) -> None:
    """Writes figures with what they were measured on, and a drawing beside them."""
    whole = {"ran_on": machine(), **content}
    file.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if drawing is not None:
        file.with_suffix(".svg").write_text(drawing, encoding="utf-8")


def draw_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns the CPU of every gateway at every operation as bars."""
    groups: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["cpu_ms"]:
            label = f"{row['operation']}, same" if row["mode"] == "same" else row["operation"]
            groups.setdefault(label, {})[row["gateway"]] = row["cpu_ms"]
    return draw_bars("CPU per request (logarithmic)", "ms", groups, lambda value: f"{value:.2f}")
