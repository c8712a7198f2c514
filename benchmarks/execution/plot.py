"""The medians as bars, in a file any browser shows."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.results_file import RESULTS

ROW, LEFT, WIDTH = 22, 250, 480


def write_plot(figures: Mapping[str, list[float]]) -> Path:
    """Writes a bar for each figure, on a logarithmic scale; returns the file."""
    medians = {name: statistics.median(times) for name, times in figures.items()}
    low = math.floor(math.log10(min(medians.values())))
    high = math.ceil(math.log10(max(medians.values())))
    bars = [_bar(row, name, ms, low, high) for row, (name, ms) in enumerate(medians.items())]
    height = (len(bars) + 2) * ROW
    style = "<style>text{font:12px sans-serif}rect{fill:#7a8aa0}rect.ours{fill:#1d6f5c}</style>"
    title = f'<text x="8" y="{ROW - 6}">milliseconds, median, logarithmic</text>'
    content = "\n".join([title, *bars])
    file = RESULTS / "execution.svg"
    box = f'width="{LEFT + WIDTH + 90}" height="{height}"'
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{style}\n{content}\n</svg>\n', encoding="utf-8"
    )
    return file


def _bar(row: int, name: str, ms: float, low: int, high: int) -> str:
    y = (row + 1) * ROW
    length = WIDTH * (math.log10(ms) - low) / max(1, high - low)
    ours = ' class="ours"' if any(word in name for word in ("compiled", "kit", "now")) else ""
    return (
        f'<text x="8" y="{y + 14}">{escape(name)}</text>'
        f'<rect{ours} x="{LEFT}" y="{y + 3}" width="{length:.0f}" height="{ROW - 6}"/>'
        f'<text x="{LEFT + length + 6:.0f}" y="{y + 14}">{ms:.3g}</text>'
    )
