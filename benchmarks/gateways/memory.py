"""`make bench-memory`: what a worker holds after a million requests of 10,000 distinct operations.

The operations are asked as applications do: few often, most seldom (Zipf's law), so that caches of every kind
fill, overflow and go on. Resident memory is sampled on the way. It must stay within 120 MB and be flat: the
last fifth of the run may hold at most 3% more than the middle one.

examples:
  python -m benchmarks.gateways memory
  python -m benchmarks.gateways memory --requests 50000 --operations 2000
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.gateways.arena import Arena
from benchmarks.gateways.catalogue import GATEWAYS
from benchmarks.gateways.drawing import LinearScale, Panel, draw_panels
from benchmarks.gateways.drawn_operations import draw_operations
from benchmarks.gateways.keeping import is_kept, keep, make_parser
from benchmarks.gateways.load.plan import LoadPlan
from benchmarks.gateways.load.run import run_load
from benchmarks.gateways.processes import Process
from benchmarks.gateways.progress import Progress

RSS_MB_MAX = 120.0
GROWTH_MAX = 1.03
SAMPLES = 50


@dataclass(frozen=True, slots=True)
class Sample:
    """What the worker held after so many requests."""

    requests: int
    rss_mb: float
    failures: int


def verdicts(samples: Sequence[Sample]) -> list[str]:
    """Returns which bounds are missed; the first sample is from before the load."""
    found = []
    if (highest := max(sample.rss_mb for sample in samples)) > RSS_MB_MAX:
        found.append(f"{highest:.1f} MB, {RSS_MB_MAX:.0f} are allowed")
    fifth = max(1, len(samples) // 5)
    middle = statistics.median(sample.rss_mb for sample in samples[2 * fifth : 3 * fifth])
    last = statistics.median(sample.rss_mb for sample in samples[-fifth:])
    if last > middle * GROWTH_MAX:
        found.append(f"not flat: {middle:.1f} MB in the middle, {last:.1f} MB at the end")
    if failures := sum(sample.failures for sample in samples):
        found.append(f"{failures} requests failed")
    return found


def draw_memory(samples: Sequence[Sample]) -> str:
    """Returns the curve of the run."""
    curve = {"zellige": [(sample.requests, sample.rss_mb) for sample in samples if sample.requests]}
    return draw_panels("What a worker holds", "MB resident", [Panel("", "requests", curve, LinearScale)])


def sample_memory(arena: Arena, router: Process, requests: int, operations: int, seed: int) -> list[Sample]:
    """Sends the requests chunk by chunk and returns what the worker held after each."""
    bodies = [json.dumps({"query": query}) for query in draw_operations(operations, seed)]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, operations + 1)))
    rng = random.Random(seed)
    samples = [Sample(0, router.rss_mb(), 0)]
    chunk, progress = max(1, requests // SAMPLES), Progress()
    while samples[-1].requests < requests:
        drawn = rng.choices(bodies, cum_weights=weights, k=chunk)
        plan = LoadPlan(router.port, arena.bodies_file("memory", drawn), requests=chunk)
        result = run_load(plan, arena.other_cores)
        samples.append(Sample(samples[-1].requests + chunk, router.rss_mb(), result.failures))
        done = samples[-1]
        progress.say(f"{done.requests:,} of {requests:,}: {done.rss_mb:.1f} MB, {result.rps:.0f} requests/s")
    return samples


def main(arguments: Sequence[str]) -> int:
    """Runs the load; returns 1 when a bound is missed."""
    parser = make_parser("memory", __doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--operations", type=int, default=10_000, help="how many of them are distinct")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    started = time.monotonic()
    with Arena() as arena, arena.start_gateway(GATEWAYS["zellige"], "public") as router:
        samples = sample_memory(arena, router, options.requests, options.operations, options.seed)
    problems = verdicts(samples)
    last, highest = samples[-1], max(sample.rss_mb for sample in samples)
    print(
        f"{last.requests:,} requests of {options.operations:,} operations (seed {options.seed}) in "
        f"{time.monotonic() - started:.0f} s: {samples[0].rss_mb:.1f} MB before, {last.rss_mb:.1f} MB after, "
        f"{highest:.1f} MB at most"
    )
    print("\n".join(f"missed: {problem}" for problem in problems) or "within its bounds, and flat")
    content = {
        "operations": options.operations,
        "seed": options.seed,
        "problems": problems,
        "samples": [asdict(sample) for sample in samples],
    }
    if is_kept(parser, options):
        keep("memory", content, draw_memory(samples))
    return int(bool(problems))
