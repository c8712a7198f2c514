"""Progress is shown to a person who waits, and to nobody else."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console

from router.composition.compose import compose_supergraph
from router.composition.options import CompositionOptions
from router.composition.source import SubgraphSource
from zellige.stage_progress import StageProgress


def screen(*, terminal: bool) -> tuple[Console, io.StringIO]:
    shown = io.StringIO()
    return Console(file=shown, force_terminal=terminal, width=80, no_color=True), shown


def seconds(*values: float) -> Iterator[float]:
    yield from values
    while True:
        yield values[-1]


def test_a_long_work_shows_its_stage_and_cleans_up_after_itself() -> None:
    console, shown = screen(terminal=True)
    with StageProgress(console, seconds(0.0, 0.5, 1.5).__next__) as progress:
        progress("reading subgraphs", 1, 40)
        assert shown.getvalue() == ""
        progress("checking subgraphs", 2, 40)
        progress("reaching every field", 1200, 0)
    assert "reaching every field" in shown.getvalue()
    assert "1200" in shown.getvalue()
    assert shown.getvalue().endswith("\x1b[2K")


def test_a_short_work_shows_nothing() -> None:
    console, shown = screen(terminal=True)
    with StageProgress(console, seconds(0.0, 0.9).__next__) as progress:
        progress("merging", 0, 1)
    assert shown.getvalue() == ""


def test_without_a_terminal_nothing_is_shown() -> None:
    console, shown = screen(terminal=False)
    with StageProgress(console, seconds(0.0, 60.0).__next__) as progress:
        progress("merging", 0, 1)
    assert shown.getvalue() == ""


def test_composition_tells_of_each_stage_in_order() -> None:
    told: list[tuple[str, int, int]] = []
    sources = [
        SubgraphSource(name, f"type Query {{ {name}: Thing }} type Thing {{ size: Int }}")
        for name in ("a", "b")
    ]
    options = CompositionOptions(progress=lambda *stage: told.append(stage))
    assert compose_supergraph(sources, options).ok
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "reading subgraphs",
        "checking subgraphs",
        "comparing subgraphs",
        "merging",
        "reaching every field",
        "writing the supergraph",
    ]
    assert told[:2] == [("reading subgraphs", 0, 2), ("reading subgraphs", 1, 2)]
