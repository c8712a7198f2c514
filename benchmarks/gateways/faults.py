"""`make bench-faults`: one of four subgraphs fails; what becomes of queries that need it, and of the others?

The router runs once. For each fault, rounds of a healthy window and a faulty one follow each other, with the
same two streams of requests at the same rates: one needs the failing subgraph, one does not. The first must
keep its answers within 20% of its p99, the second get partial data and a coded error within the deadline.

examples:
  python -m benchmarks.gateways faults
  python -m benchmarks.gateways faults --seconds 3 --rounds 1 --faults "dead,1 GB"
"""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.gateways.arena import Arena
from benchmarks.gateways.catalogue import Gateway, zellige_command
from benchmarks.gateways.child import child_on
from benchmarks.gateways.keeping import is_kept, keep, make_parser
from benchmarks.gateways.load.paced import PacedPlan, Stream, StreamResult
from benchmarks.gateways.processes import Process, free_port
from benchmarks.gateways.progress import Progress
from benchmarks.gateways.subgraphs.faulty import FAULTS, HEALTHY

FAILING = "reviews"
P99_RATIO_MAX = 1.2
DEADLINE_MS = 2_000  # as configs/faults.yaml sets it
# Between the deadline and the answer's arrival lie only the router's own work and the load generator's.
GRACE_MS = 250
RECOVERY_SECONDS_MAX = 120.0
NOT_NEEDING = Stream("others", '{"query":"{ users { id name } topProducts { name price inStock } }"}', 200.0)
NEEDING = Stream("needing", '{"query":"{ topProducts { name reviews { body } } }"}', 20.0)
CLEAN = "200 data"


@dataclass(slots=True)
class Finding:
    """What one fault did; a value for each round."""

    fault: str
    healthy_p99_ms: list[float] = field(default_factory=list)
    faulty_p99_ms: list[float] = field(default_factory=list)
    slowest_needing_ms: float = 0.0
    answers_of_others: dict[str, int] = field(default_factory=dict)
    answers_of_needing: dict[str, int] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """The p99 of the others with the fault to that without, the median of the rounds."""
        pairs = zip(self.faulty_p99_ms, self.healthy_p99_ms, strict=True)
        return statistics.median(faulty / healthy for faulty, healthy in pairs)

    def problems(self) -> list[str]:
        """Returns which bounds are missed."""
        found = []
        if self.ratio > P99_RATIO_MAX:
            found.append(f"the others' p99 grew {self.ratio:.2f} times, {P99_RATIO_MAX} is allowed")
        if set(self.answers_of_others) != {CLEAN}:
            found.append("the others did not all get their data")
        if self.slowest_needing_ms > DEADLINE_MS + GRACE_MS:
            found.append(f"an answer took {self.slowest_needing_ms:.0f} ms, the deadline is {DEADLINE_MS} ms")
        bad = [answer for answer in self.answers_of_needing if not _is_partial(answer)]
        if bad:
            found.append(f"not partial data with a coded error: {', '.join(bad)}")
        return found

    def to_map(self) -> dict[str, Any]:
        """Returns it as it stands in the results."""
        return {**asdict(self), "ratio": round(self.ratio, 3), "problems": self.problems()}


def _is_partial(answer: str) -> bool:
    return answer.startswith(f"{CLEAN} ") and "no code" not in answer


class FaultRun:
    """The router over three healthy subgraphs and one that fails on request."""

    def __init__(self, arena: Arena, stack: ExitStack) -> None:
        self._arena = arena
        self._windows = 0
        self.progress = Progress()
        port, control_port = free_port(), free_port()
        command = [sys.executable, "-m", "benchmarks.gateways.subgraphs.faulty", str(port), str(control_port)]
        log = arena.folder / "faulty.log"
        faulty = stack.enter_context(Process(command, port=control_port, cores=arena.other_cores, log=log))
        faulty.wait_for_port()
        self._control = stack.enter_context(socket.create_connection(("127.0.0.1", control_port), 10))
        url = f"http://127.0.0.1:{port}/public/{FAILING}"
        gateway = Gateway("zellige", "", zellige_command("faults.yaml", {FAILING: url}))
        self.router = stack.enter_context(arena.start_gateway(gateway, "public"))

    def set_fault(self, fault: str) -> None:
        """Returns once the fault holds."""
        self._control.sendall(f"{fault}\n".encode())
        assert self._control.recv(16) == b"ok\n", "the failing subgraph does not obey"

    def window(self, seconds: float) -> dict[str, StreamResult]:
        """Sends both streams and returns what came of them by name."""
        self._windows += 1
        plan = PacedPlan(self.router.port, seconds, (NOT_NEEDING, NEEDING), self._windows * 1_000_000)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.gateways.load.paced"],
            input=json.dumps(asdict(plan)),
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=child_on(self._arena.other_cores),
        )
        return {each["name"]: StreamResult(**each) for each in json.loads(done.stdout)}

    def recover(self) -> None:
        """Returns once the router answers everything again, which a breaker may delay."""
        self.set_fault(HEALTHY)
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        while time.monotonic() < deadline:
            if set(self.window(0.5)[NEEDING.name].answers) == {CLEAN}:
                return
        raise RuntimeError(f"the router did not recover within {RECOVERY_SECONDS_MAX:.0f} s")


def measure(run: FaultRun, fault: str, rounds: int, seconds: float) -> Finding:
    """Returns what one fault did in so many rounds."""
    finding = Finding(fault)
    for number in range(1, rounds + 1):
        run.recover()
        healthy = run.window(seconds)
        run.set_fault(fault)
        faulty = run.window(seconds)
        finding.healthy_p99_ms.append(healthy[NOT_NEEDING.name].p99_ms)
        finding.faulty_p99_ms.append(faulty[NOT_NEEDING.name].p99_ms)
        needing = faulty[NEEDING.name]
        finding.slowest_needing_ms = max(finding.slowest_needing_ms, needing.max_ms)
        add_counts(finding.answers_of_others, faulty[NOT_NEEDING.name].answers)
        add_counts(finding.answers_of_needing, needing.answers)
        run.progress.say(f"{fault}: round {number}/{rounds}")
    return finding


def add_counts(to: dict[str, int], more: dict[str, int]) -> None:
    """Adds counts by name."""
    for name, count in more.items():
        to[name] = to.get(name, 0) + count


def table(findings: Sequence[Finding]) -> str:
    """Returns what every fault did, for a terminal."""
    head = f"{'fault':<16}{'p99 healthy':>12}{'p99 faulty':>12}{'ratio':>7}{'slowest needing':>17}  answers"
    lines = [head]
    for each in findings:
        healthy, faulty = statistics.median(each.healthy_p99_ms), statistics.median(each.faulty_p99_ms)
        answers = ", ".join(f"{count} x {answer}" for answer, count in each.answers_of_needing.items())
        lines.append(
            f"{each.fault:<16}{healthy:>9.1f} ms{faulty:>9.1f} ms{each.ratio:>7.2f}"
            f"{each.slowest_needing_ms:>14.0f} ms  {answers}"
        )
        lines += [f"  missed: {problem}" for problem in each.problems()]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Runs the faults; returns 1 when a bound is missed."""
    known = [fault for fault in FAULTS if fault != HEALTHY]
    parser = make_parser("faults", __doc__)
    parser.add_argument("--faults", default=",".join(known), help=f"comma-separated; all of {known}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each window")
    options = parser.parse_args(arguments)
    faults = options.faults.split(",")
    if unknown := sorted(set(faults) - set(known)):
        parser.error(f"there is no fault {', '.join(unknown)}; there are {', '.join(known)}")
    with Arena() as arena, ExitStack() as stack:
        run = FaultRun(arena, stack)
        run.window(2.0)  # plans both queries and fills the memory of the subgraphs
        findings = [measure(run, fault, options.rounds, options.seconds) for fault in faults]
    print(table(findings))
    if is_kept(parser, options):
        keep("faults", {"findings": [finding.to_map() for finding in findings]})
    return int(any(finding.problems() for finding in findings))
