"""What is concluded from figures: bounds, faults, memory, profiles, drawings, and the guide to them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from benchmarks.gateways.bounds import BOUNDS, ROUNDS_MIN, ratios_of
from benchmarks.gateways.drawing import LogScale, Panel, draw_bars, draw_panels
from benchmarks.gateways.faults import CLEAN, Finding
from benchmarks.gateways.figures import Round, Row
from benchmarks.gateways.load.paced import describe
from benchmarks.gateways.memory import Sample, verdicts
from benchmarks.gateways.profile import read_samples
from benchmarks.gateways.report import GUIDE, SECTIONS, with_figures


def measured(gateway: str, operation: str, mode: str, *, cpu_ms: list[float], rps: float = 100.0) -> Row:
    rounds = [Round(rps, 1.0, 2.0, 3.0, each, 40.0, 6.0, 1_000, 0, "own") for each in cpu_ms]
    return Row(gateway, operation, mode, rounds)


def test_a_bound_compares_neighbours_and_takes_the_median_of_the_rounds() -> None:
    rows = [
        measured("zellige", "public", "unique", cpu_ms=[1.0, 8.0, 1.0]),
        measured("floor-structs", "public", "unique", cpu_ms=[1.0, 4.0, 0.9]),
    ]
    [ratio] = [each for each in ratios_of(rows) if each.value is not None]
    assert ratio.bound.other == "floor-structs"
    assert ratio.value == pytest.approx(1.0 / 0.9)
    assert ratio.verdict == "met"


@pytest.mark.parametrize("rounds", [1, ROUNDS_MIN])
def test_a_missed_bound_says_so_and_too_few_rounds_too(rounds: int) -> None:
    rows = [
        measured("zellige", "public", "unique", cpu_ms=[2.0] * rounds),
        measured("floor-structs", "public", "unique", cpu_ms=[1.0] * rounds),
    ]
    [ratio] = [each for each in ratios_of(rows) if each.value is not None]
    assert ratio.verdict == ("missed" if rounds == ROUNDS_MIN else f"missed (1 of {ROUNDS_MIN} rounds)")


def test_throughput_has_to_be_at_least_its_bound() -> None:
    [bound] = [each for each in BOUNDS if each.figure == "rps"]
    rows = [
        measured("zellige", bound.operation, bound.mode, cpu_ms=[1.0] * 3, rps=390.0),
        measured(bound.other, bound.operation, bound.mode, cpu_ms=[1.0] * 3, rps=100.0),
    ]
    [ratio] = [each for each in ratios_of(rows) if each.value is not None]
    assert (ratio.value, ratio.verdict) == (pytest.approx(3.9), "missed")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"faulty_p99_ms": [13.0, 13.0, 10.0]}, "the others' p99 grew 1.30 times, 1.2 is allowed"),
        ({"answers_of_others": {CLEAN: 9, "200 data SOME_CODE": 1}}, "the others did not all get their data"),
        ({"slowest_needing_ms": 9_000.0}, "an answer took 9000 ms, the deadline is 2000 ms"),
        ({"answers_of_needing": {CLEAN: 1}}, f"not partial data with a coded error: {CLEAN}"),
        (
            {"answers_of_needing": {"200 no data SOME_CODE": 1}},
            "not partial data with a coded error: 200 no data SOME_CODE",
        ),
        ({}, None),
    ],
)
def test_a_fault_is_held_against_its_bounds(change: dict[str, object], problem: str | None) -> None:
    finding = Finding(
        "dead",
        healthy_p99_ms=[10.0, 10.0, 10.0],
        faulty_p99_ms=[11.0, 10.0, 20.0],
        slowest_needing_ms=900.0,
        answers_of_others={CLEAN: 10},
        answers_of_needing={f"{CLEAN} SUBGRAPH_UNREACHABLE": 10},
    )
    for name, value in change.items():
        setattr(finding, name, value)
    assert finding.problems() == ([] if problem is None else [problem])


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b'{"data":{"a":1}}', CLEAN),
        (200, b'{"data":{"a":1},"errors":[{"message":"m","extensions":{"code":"X"}}]}', "200 data X"),
        (200, b'{"data":{"a":null},"errors":[{"message":"m"}]}', "200 no data no code"),
        (503, b"busy", "503 not JSON"),
        (0, b"", "no answer"),
    ],
)
def test_an_answer_is_described_by_status_data_and_codes(status: int, body: bytes, words: str) -> None:
    assert describe(status, body) == words


def test_memory_is_held_against_its_bounds() -> None:
    flat = [Sample(number, 100.0, 0) for number in range(50)]
    assert verdicts(flat) == []
    growing = [Sample(number, 90.0 + number, 0) for number in range(50)]
    assert [problem.split(",")[0].split(":")[0] for problem in verdicts(growing)] == ["139.0 MB", "not flat"]
    assert verdicts([*flat, Sample(50, 100.0, 3)]) == ["3 requests failed"]


def test_a_sample_counts_for_the_innermost_area_and_waiting_threads_for_none() -> None:
    base = "main (zellige/cli.py:1);run (asyncio/events.py:2);__call__ (router/server/endpoint.py:3)"
    areas, functions = read_samples(
        [
            f"{base};finish (router/executor/compiled/run.py:4);json_encode (msgspec/_core.so) 3",
            f"{base};finish (router/executor/compiled/run.py:4) 2",
            "run (threading.py:1);_worker (concurrent/futures/thread.py:81);futex (libc.so.6) 50",
        ]
    )
    assert areas == {"JSON to Structs and back": 3, "running the plan": 2}
    assert functions == {"finish (router/executor/compiled/run.py)": 5}


def test_a_logarithmic_scale_ends_at_powers_of_ten() -> None:
    scale = LogScale.over([0.3, 42.0], 0.0, 300.0)
    assert scale.ticks() == pytest.approx([0.1, 1.0, 10.0, 100.0])
    assert [scale.at(tick) for tick in scale.ticks()] == pytest.approx([0.0, 100.0, 200.0, 300.0])


def test_drawings_are_well_formed_also_of_nothing() -> None:
    lines = Panel("a < b", "x", {"zellige": [(1, 0.5), (10, 2.0)], "another": [(1, 3.0)]})
    for drawing in (
        draw_panels("t & u", "ms", [lines, Panel("empty", "x", {})]),
        draw_bars("t", "ms", {"op": {"zellige": 0.2, "another": 30.0}}, str),
        draw_bars("t", "ms", {}, str),
    ):
        assert ElementTree.fromstring(drawing).tag.endswith("svg")


def test_the_guide_has_a_place_for_every_figure_and_the_last_ones_in_it() -> None:
    page = GUIDE.read_text("utf-8")
    assert all(f"<!-- {name}: begin -->" in page for name in SECTIONS)
    assert with_figures(page) == page, "python -m benchmarks.gateways report"
