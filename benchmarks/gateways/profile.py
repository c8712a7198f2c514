"""`make bench-profile`: where each tenth of the public operation's time goes in our router.

py-spy looks at the process from outside, some hundred times a second, C frames included; the router does not
know. Every sample counts for the innermost frame that belongs to an area below.

examples:
  python -m benchmarks.gateways profile
  python -m benchmarks.gateways profile --operation wide-union --seconds 5
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.gateways.arena import Arena
from benchmarks.gateways.catalogue import GATEWAYS
from benchmarks.gateways.keeping import is_kept, keep, make_parser
from benchmarks.gateways.load.plan import LoadPlan
from benchmarks.gateways.load.run import run_load
from benchmarks.gateways.operations import OPERATIONS, Operation
from benchmarks.gateways.processes import Process
from benchmarks.gateways.progress import Progress

SAMPLES_PER_SECOND = 400
FUNCTIONS = 25
# In the order of the way from a sample's innermost frame outwards; the first that fits decides.
AREAS = (
    ("collecting garbage", re.compile(r"^gc_collect|^gc_\w+ \(libpython")),
    ("JSON to Structs and back", re.compile(r"msgspec/|orjson")),
    (
        "sockets, in the kernel",
        re.compile(r"^(send|recv|__send|__recv|epoll_wait|sock_\w+|select_epoll\w*) \("),
    ),
    ("parsing HTTP", re.compile(r"httptools/parser|llhttp")),
    ("the operation's compiled plan", re.compile(r"<compiled plan>")),
    ("running the plan", re.compile(r"router/executor/(compiled|run|merge)")),
    ("asking subgraphs", re.compile(r"router/executor/transport")),
    ("caches of answers", re.compile(r"router/cache")),
    ("telemetry", re.compile(r"router/telemetry")),
    ("finding the prepared operation", re.compile(r"router/(pipeline|operation|planner|plan|supergraph)/")),
    ("the HTTP edge", re.compile(r"router/(server|response)/")),
    ("uvicorn", re.compile(r"uvicorn/")),
    ("asyncio", re.compile(r"asyncio/|_asynciomodule|selectors\.py")),
)
OTHER = "all else"
# Threads of the pool that wait for work look busy from outside, because they wait for a lock in C.
IDLE = "_worker (concurrent/futures/thread.py)"


class ProfileFailedError(Exception):
    """py-spy is missing, or may not look at the process."""


def area_of(frames: Sequence[str]) -> str:
    """Returns the area a sample counts for."""
    for frame in reversed(frames):
        for name, pattern in AREAS:
            if pattern.search(frame):
                return name
    return OTHER


def function_of(frames: Sequence[str]) -> str:
    """Returns the innermost Python function of a sample, its line left out; C below counts for it."""
    for frame in reversed(frames):
        name, _, place = frame.partition(" (")
        if ".py:" in place or "<compiled plan>" in place:
            return f"{name} ({place.rpartition(':')[0]})"
    return frames[-1]


def read_samples(lines: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """Returns samples by area and by function; threads that wait for work are left out."""
    areas, functions = Counter[str](), Counter[str]()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        function = function_of(frames)
        if function != IDLE:
            areas[area_of(frames)] += int(count)
            functions[function] += int(count)
    return areas, functions


def record(router: Process, seconds: float, output: Path) -> subprocess.Popen[str]:
    """Starts to look at the router."""
    py_spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if py_spy is None:
        raise ProfileFailedError("py-spy is not installed: `uv sync --group bench`, or `pip install py-spy`")
    command = [py_spy, "record", "--native", "--format", "raw", "--rate", str(SAMPLES_PER_SECOND)]
    target = ["--pid", str(router.pid), "--duration", str(round(seconds)), "--output", str(output)]
    return subprocess.Popen([*command, *target], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def take_profile(arena: Arena, operation: Operation, seconds: float) -> tuple[Counter[str], Counter[str]]:
    """Returns the samples of a router under load by area and by function."""
    progress, output = Progress(), arena.folder / "profile.txt"
    bodies = arena.bodies_file(operation.name, operation.bodies())
    with arena.start_gateway(GATEWAYS["zellige"], operation.world) as router:
        progress.say("warming up")
        plan = LoadPlan(router.port, bodies, is_unique=True, seconds=3.0)
        run_load(plan, arena.other_cores)
        progress.say(f"looking at it for {seconds:.0f} s")
        recording = record(router, seconds, output)
        run_load(LoadPlan(router.port, bodies, is_unique=True, seconds=seconds + 1.0), arena.other_cores)
        said, _ = recording.communicate()
    if recording.returncode != 0 or not output.exists():
        raise ProfileFailedError(
            f"py-spy failed; where kernel.yama.ptrace_scope forbids it, run this as root: {said[-400:]}"
        )
    return read_samples(output.read_text("utf-8").splitlines())


def shares(counts: Counter[str]) -> dict[str, float]:
    """Returns each share of all samples in percent, the largest first."""
    whole = sum(counts.values()) or 1
    return {name: round(100 * count / whole, 1) for name, count in counts.most_common()}


def main(arguments: Sequence[str]) -> int:
    """Takes the profile and prints it; returns 1 when there are no samples."""
    parser = make_parser("profile", __doc__)
    parser.add_argument("--operation", choices=[*OPERATIONS], default="public")
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args(arguments)
    operation = OPERATIONS[options.operation]
    try:
        with Arena() as arena:
            areas, functions = take_profile(arena, operation, options.seconds)
    except ProfileFailedError as error:
        print(error, file=sys.stderr)
        return 1
    by_area, by_function = shares(areas), dict(list(shares(functions).items())[:FUNCTIONS])
    print(f"{operation.name}: {sum(areas.values())} samples; five marks are a tenth of the time\n")
    for name, share in by_area.items():
        print(f"{share:5.1f}%  {name:<32}{'#' * round(share / 2)}")
    print("\nfunctions, with the C below them")
    for name, share in by_function.items():
        print(f"{share:5.1f}%  {name}")
    if is_kept(parser, options):
        keep("profile", {"operation": operation.name, "areas": by_area, "functions": by_function})
    return int(not areas)
