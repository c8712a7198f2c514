"""The rig around our router and the floors: every operation answered rightly, every figure there."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.gateways import compare
from benchmarks.gateways.arena import Arena
from benchmarks.gateways.catalogue import GATEWAYS
from benchmarks.gateways.equality import check_answers
from benchmarks.gateways.figures import Round, Row
from benchmarks.gateways.operations import OPERATIONS
from benchmarks.gateways.rounds import Measuring, Settings
from benchmarks.gateways.scaling import steps
from benchmarks.gateways.worlds import WORLDS
from tests.support.processes import descendants_of, is_running, wait_until

ROOT = Path(__file__).resolve().parents[2]
SHORT = Settings(rounds=1, seconds=0.2, warm_up_seconds=0.2, connections=4)
FLOORS = [name for name in GATEWAYS if name.startswith("floor")]
COLD_SAMPLE = 20
SMALL = 16


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_our_router_answers_every_operation_as_the_monolith_does(arena: Arena, world: str) -> None:
    operations = [each for each in OPERATIONS.values() if each.world == world]
    operations += [step.operation for step in steps() if step.operation.world == world and step.x <= SMALL]
    bodies = [body for each in operations for body in each.bodies()[:COLD_SAMPLE]]
    with arena.start_gateway(GATEWAYS["zellige"], world) as router:
        check = check_answers(WORLDS[world](), router.port, bodies)
    assert (check.right, check.first_problem) == (len(bodies), "")


@pytest.mark.parametrize("name", FLOORS)
def test_floors_answer_what_they_were_written_for(arena: Arena, name: str) -> None:
    floor = GATEWAYS[name]
    operations = [OPERATIONS[each] for each in sorted(floor.operations)]
    with arena.start_gateway(floor, "public") as process:
        # Twice, because a floor may answer the second request from what the first one brought.
        bodies = [body for each in operations for body in each.bodies() * 2]
        check = check_answers(WORLDS["public"](), process.port, bodies)
    assert (check.right, check.first_problem) == (len(bodies), "")


@pytest.mark.parametrize("generator", ["own", "wrk"])
def test_a_round_holds_every_figure(arena: Arena, generator: str) -> None:
    settings = replace(SHORT, generator=generator, seconds=1.0)
    said: list[str] = []
    measuring = Measuring(arena, OPERATIONS["public"], settings, said.append)
    try:
        rows = measuring.run([GATEWAYS["floor-structs"]])
    except FileNotFoundError:
        pytest.skip("wrk is not installed")
    [row] = rows
    assert (row.gateway, row.operation, row.mode, row.problem) == ("floor-structs", "public", "unique", "")
    [measured] = row.rounds
    assert measured.requests > 0
    assert measured.failures == 0
    assert measured.p50_ms <= measured.p95_ms <= measured.p99_ms
    assert measured.rss_mb > 0
    assert measured.generator == generator
    assert measured.fetches == pytest.approx(6, rel=0.5)
    assert said


def test_a_cold_operation_is_sent_once_to_a_process_just_started(arena: Arena) -> None:
    few = replace(OPERATIONS["cold"], bodies=lambda: OPERATIONS["cold"].bodies()[:COLD_SAMPLE])
    [row] = Measuring(arena, few, SHORT, lambda _: None).run([GATEWAYS["zellige"]])
    assert row.problem == ""
    assert [each.requests for each in row.rounds] == [COLD_SAMPLE]


def test_a_gateway_that_answers_wrongly_is_not_measured(arena: Arena) -> None:
    wrong = replace(GATEWAYS["floor-fetches"], operations=frozenset({"deep-chain"}))
    [row] = Measuring(arena, OPERATIONS["deep-chain"], SHORT, lambda _: None).run([wrong])
    assert row.rounds == []
    assert row.problem.startswith("0 of 1 answers right")


def test_a_gateway_that_does_not_start_says_so(arena: Arena) -> None:
    broken = replace(GATEWAYS["floor-fetches"], command=lambda _: ["false"])
    [row] = Measuring(arena, OPERATIONS["public"], SHORT, lambda _: None).run([broken])
    assert row.rounds == []
    assert row.problem.startswith("does not start: ended with 1")


def test_the_results_file_has_the_promised_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "run.json"
    arguments = ["--gateways", "floor-structs,floor-fetches", "--operations", "one-field", "--quick"]
    code = compare.main([*arguments, "--output", str(output)])
    assert code == 0
    assert "one-field, unique" in capsys.readouterr().out
    run = json.loads(output.read_text("utf-8"))
    assert set(run) == {"ran_on", "settings", "ceiling", "ratios", "rows"}
    [row] = run["rows"]
    promised = {"gateway", "operation", "mode", "rps", "p50_ms", "p95_ms", "p99_ms", "cpu_ms", "rss_mb"}
    assert promised <= set(row)
    assert (row["gateway"], row["operation"], row["mode"]) == ("floor-fetches", "one-field", "unique")
    assert row["rps"] > 0
    assert output.with_suffix(".svg").read_text("utf-8").startswith("<svg ")
    assert {ratio["verdict"] for ratio in run["ratios"]} == {"not measured"}


def test_unknown_names_are_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        compare.main(["--gateways", "zelige"])
    assert ended.value.code == 2
    assert "there is no zelige; there are zellige" in capsys.readouterr().err


def test_a_row_holds_the_medians_of_its_rounds() -> None:
    one = Round(100.0, 1.0, 2.0, 3.0, 0.5, 40.0, 6.0, 1_000, 0, "own")
    rounds = [one, replace(one, rps=300.0, cpu_ms=0.9, failures=2), replace(one, rps=200.0, cpu_ms=0.7)]
    content = Row("zellige", "public", "same", rounds).to_map()
    assert (content["rps"], content["cpu_ms"], content["failures"]) == (200.0, 0.7, 2)
    assert len(content["rounds"]) == 3


def test_a_run_that_is_killed_leaves_no_process_behind() -> None:
    command = [sys.executable, "-m", "benchmarks.gateways", "--gateways", "floor-structs", "--quick"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        wait_until(lambda: len(descendants_of(run.pid)) >= len(("subgraphs", "floor")))
        started = descendants_of(run.pid)
        run.kill()
    for process_id in started:
        wait_until(lambda process_id=process_id: not is_running(process_id))
