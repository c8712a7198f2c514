"""The tables, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

COLUMNS = (
    ("gateway", "gateway", 26, None),
    ("rps", "requests/s", 11, 0),
    ("p50_ms", "p50 ms", 9, 1),
    ("p95_ms", "p95 ms", 9, 1),
    ("p99_ms", "p99 ms", 9, 1),
    ("cpu_ms", "CPU ms", 9, 3),
    ("rss_mb", "RSS MB", 8, 0),
    ("fetches", "fetches", 8, 1),
)


def cell(row: Mapping[str, Any], key: str, digits: int | None) -> str:
    """Returns one figure as text."""
    value = row[key]
    if digits is None:
        return str(value)
    return "-" if value is None else f"{value:,.{digits}f}"


def text_table(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns the rows of one operation and mode for a terminal."""
    head = "".join(
        f"{label:<{width}}" if digits is None else f"{label:>{width}}" for _, label, width, digits in COLUMNS
    )
    lines = [title, head]
    for row in rows:
        cells = (
            f"{cell(row, key, digits):<{width}}" if digits is None else f"{cell(row, key, digits):>{width}}"
            for key, _, width, digits in COLUMNS
        )
        lines.append("".join(cells) + (f"  ! {row['problem'][:120]}" if row["problem"] else ""))
    return "\n".join(lines)


def markdown_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns the same for a page."""
    lines = [
        "| " + " | ".join(label for _, label, _, _ in COLUMNS) + " |",
        "| --- |" + " ---: |" * (len(COLUMNS) - 1),
    ]
    lines += [
        "| " + " | ".join(cell(row, key, digits) for key, _, _, digits in COLUMNS) + " |" for row in rows
    ]
    notes = [f"`{row['gateway']}`: {row['problem']}" for row in rows if row["problem"]]
    return "\n".join(lines + (["", *notes] if notes else []))


def ratio_table(ratios: Iterable[Mapping[str, Any]]) -> str:
    """Returns the bounds for a page."""
    lines = ["| ours to the other's, median of the rounds | ratio | bound | |", "| --- | ---: | ---: | --- |"]
    for ratio in ratios:
        value = "-" if ratio["ratio"] is None else f"{ratio['ratio']:.3f}"
        sign = "≤" if ratio["at_most"] else "≥"
        lines.append(f"| {ratio['about']} | {value} | {sign} {ratio['bound']:.3f} | {ratio['verdict']} |")
    return "\n".join(lines)


def ratio_lines(ratios: Iterable[Mapping[str, Any]]) -> list[str]:
    """Returns a line for each bound."""
    lines = []
    for ratio in ratios:
        value = "-" if ratio["ratio"] is None else f"{ratio['ratio']:.3f}"
        sign = "<=" if ratio["at_most"] else ">="
        lines.append(f"{ratio['about']:<58} {value:>8} {sign} {ratio['bound']:.3f}  {ratio['verdict']}")
    return lines
