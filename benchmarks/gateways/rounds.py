"""Measures the gateways at one operation: checked, warmed up, round after round in turn, checked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.gateways.arena import Arena
from benchmarks.gateways.catalogue import Gateway
from benchmarks.gateways.equality import check_answers
from benchmarks.gateways.figures import Round, Row
from benchmarks.gateways.load.plan import LoadPlan, LoadResult
from benchmarks.gateways.load.run import LoadFailedError, run_load
from benchmarks.gateways.operations import UNIQUE, Operation
from benchmarks.gateways.processes import Process, StartFailedError
from benchmarks.gateways.worlds import WORLDS

Say = Callable[[str], None]
VIEWERS_PER_WINDOW = 10_000_000
WARM_UP_STEPS = 4
# Where others use the gateway's core too, warming up may take so many times longer.
WARM_UP_STRETCH_MAX = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how often is measured. `generator` is "own" or "wrk".

    `warm_up_seconds` are seconds of the gateway's own CPU time.
    """

    rounds: int = 3
    seconds: float = 6.0
    warm_up_seconds: float = 5.0
    connections: int = 50
    generator: str = "own"


@dataclass(slots=True)
class Contender:
    """One gateway that runs, at one operation in one mode."""

    process: Process
    row: Row
    check_bytes: float


class Measuring:
    """One operation's rounds. Gateways among `running`, by name, serve its world already and go on."""

    def __init__(
        self,
        arena: Arena,
        operation: Operation,
        settings: Settings,
        say: Say,
        running: Mapping[str, Process] | None = None,
    ) -> None:
        self._running = running or {}
        self._arena = arena
        self._operation = operation
        self._settings = settings
        self._say = say
        self._bodies_made = operation.bodies()
        self._bodies = arena.bodies_file(operation.name, self._bodies_made)
        self._windows = 0

    def run(self, gateways: Sequence[Gateway]) -> list[Row]:
        """Returns a row for each gateway and mode that takes part."""
        rows: list[Row] = []
        for mode in self._operation.modes:
            taking_part = [each for each in gateways if each.answers(self._operation.name, mode)]
            measure = self._run_cold if self._operation.is_cold else self._run_warm
            rows += measure(taking_part, mode)
        return rows

    def _run_warm(self, gateways: Sequence[Gateway], mode: str) -> list[Row]:
        rows = [Row(gateway.name, self._operation.name, mode) for gateway in gateways]
        with ExitStack() as stack:
            contenders = []
            for gateway, row in zip(gateways, rows, strict=True):
                contender = self._start(gateway, row, stack)
                if contender is not None:
                    self._warm_up(contender)
                    contenders.append(contender)
            for number in range(1, self._settings.rounds + 1):
                for contender in contenders:
                    self._measure(contender, self._plan(contender, self._settings.seconds), number)
            for contender in contenders:
                self._check_again(contender)
        return rows

    def _check_again(self, contender: Contender) -> None:
        """Checks once more: a gateway that compiles what is asked often may answer otherwise by now."""
        check = check_answers(WORLDS[self._operation.world](), contender.process.port, self._bodies_made)
        if not check.is_right and not contender.row.problem:
            contender.row.problem = f"after the load {check.first_problem}"

    def _run_cold(self, gateways: Sequence[Gateway], mode: str) -> list[Row]:
        """Sends every operation once to a process just started; one before fills the subgraphs' memory."""
        rows = [Row(gateway.name, self._operation.name, mode) for gateway in gateways]
        able = set()
        for gateway, row in zip(gateways, rows, strict=True):
            with ExitStack() as stack:
                if self._start(gateway, row, stack) is not None:
                    able.add(gateway.name)
        for number in range(1, self._settings.rounds + 1):
            for gateway, row in zip(gateways, rows, strict=True):
                if gateway.name not in able:
                    continue
                with self._arena.start_gateway(gateway, self._operation.world) as process:
                    contender = Contender(process, row, 0.0)
                    self._measure(contender, self._plan(contender, 0.0, len(self._bodies_made)), number)
        return rows

    def _start(self, gateway: Gateway, row: Row, stack: ExitStack) -> Contender | None:
        """Starts one gateway and checks its answers; None when it cannot be measured."""
        self._say(f"{self._operation.name} {row.mode}: {gateway.name}: starting, checking answers")
        try:
            process = self._running.get(gateway.name) or stack.enter_context(
                self._arena.start_gateway(gateway, self._operation.world)
            )
        except StartFailedError as error:
            row.problem = f"does not start: {error}"
            return None
        check = check_answers(WORLDS[self._operation.world](), process.port, self._bodies_made)
        if not check.is_right:
            row.problem = f"{check.right} of {check.asked} answers right; {check.first_problem}"
            self._say(f"  {row.problem}")
            if not check.right:
                return None
        return Contender(process, row, check.bytes_each)

    def _plan(self, contender: Contender, seconds: float, requests: int | None = None) -> LoadPlan:
        self._windows += 1
        return LoadPlan(
            contender.process.port,
            self._bodies,
            is_unique=contender.row.mode == UNIQUE,
            connections=self._settings.connections,
            seconds=seconds,
            requests=requests,
            first_viewer=self._windows * VIEWERS_PER_WINDOW,
        )

    def _warm_up(self, contender: Contender) -> None:
        """Sends load until the gateway has worked for so long; only its own work warms its compiler up."""
        process, wanted = contender.process, self._settings.warm_up_seconds
        ends_at = process.cpu_seconds() + wanted
        deadline = time.monotonic() + wanted * WARM_UP_STRETCH_MAX
        try:
            while process.cpu_seconds() < ends_at and time.monotonic() < deadline:
                run_load(self._plan(contender, wanted / WARM_UP_STEPS), self._arena.other_cores)
        except LoadFailedError as error:
            contender.row.problem = str(error)

    def _measure(self, contender: Contender, plan: LoadPlan, number: int) -> None:
        """Adds one round, or what went wrong in it."""
        process, row = contender.process, contender.row
        cpu, fetches = process.cpu_seconds(), self._arena.requests_to_subgraphs()
        try:
            result = run_load(plan, self._arena.other_cores, by_wrk=self._settings.generator == "wrk")
        except LoadFailedError as error:
            row.problem = str(error)
            return
        cpu = process.cpu_seconds() - cpu
        fetches = self._arena.requests_to_subgraphs() - fetches
        row.rounds.append(_round_of(result, cpu, process.rss_mb(), fetches))
        self._note_shrinking(contender, result)
        latest = row.rounds[-1]
        self._say(
            f"{row.operation} {row.mode}: round {number}/{self._settings.rounds} {row.gateway}: "
            f"{latest.rps:.0f} requests/s, {latest.cpu_ms:.3f} ms CPU"
        )

    @staticmethod
    def _note_shrinking(contender: Contender, result: LoadResult) -> None:
        """Notes failures, and answers shorter under load than the checked one: they lack data."""
        each = result.bytes / max(1, result.requests)
        if result.failures:
            contender.row.problem = f"{result.failures} requests failed under load"
        elif each < contender.check_bytes:
            contender.row.problem = (
                f"answers under load had {each:.0f} bytes, not {contender.check_bytes:.0f}"
            )


def _round_of(result: LoadResult, cpu_seconds: float, rss_mb: float, fetches: int) -> Round:
    answered = max(1, result.requests)
    return Round(
        result.rps,
        result.p50_ms,
        result.p95_ms,
        result.p99_ms,
        cpu_seconds * 1000 / answered,
        rss_mb,
        fetches / answered,
        result.requests,
        result.failures,
        result.generator,
    )
