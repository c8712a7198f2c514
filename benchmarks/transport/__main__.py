"""Runs the comparison and prints its table."""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import subprocess
import sys
import time
from contextlib import AsyncExitStack

from benchmarks.transport.contenders import CONTENDERS, Contender

CONCURRENCY = 50


async def measure(contender: Contender, requests: int) -> None:
    """Adds one round: CPU time of this process and requests a second."""
    per_task = requests // CONCURRENCY

    async def work() -> None:
        for _ in range(per_task):
            await contender.ask()

    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(work())
    done = per_task * CONCURRENCY
    contender.cpu_us.append((time.process_time() - cpu) / done * 1e6)
    contender.rate.append(done / (time.perf_counter() - wall))


async def compare(url: str, *, rounds: int, requests: int) -> list[Contender]:
    """Lets the contenders take turns, after a round each that does not count."""
    async with AsyncExitStack() as stack:
        entered = [await stack.enter_async_context(enter(url)) for enter in CONTENDERS]
        contenders = [contender for contender in entered if contender is not None]
        for contender in contenders:
            await measure(Contender("warm-up", contender.ask), requests)
        for _ in range(rounds):
            for contender in contenders:
                await measure(contender, requests)
        return contenders


def print_table(contenders: list[Contender]) -> None:
    """Prints medians, and the ratio to the first contender."""
    base = statistics.median(contenders[0].cpu_us)
    print(f"{'client':<26}{'CPU us/request':>16}{'requests/s':>14}{'CPU ratio':>12}")
    for contender in contenders:
        cpu = statistics.median(contender.cpu_us)
        rate = statistics.median(contender.rate)
        print(f"{contender.name:<26}{cpu:>16.1f}{rate:>14.0f}{cpu / base:>12.2f}")
    if len(contenders) < len(CONTENDERS):
        print("aiohttp is not installed: nothing to compare with")


def main() -> None:
    """Starts the subgraph, compares, prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transport", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=5_000, help="per round and client")
    options = parser.parse_args()
    command = [sys.executable, "-m", "benchmarks.transport.subgraph"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as subgraph:
        assert subgraph.stdin is not None
        assert subgraph.stdout is not None
        url = f"http://127.0.0.1:{subgraph.stdout.readline().strip()}/graphql"
        print_table(asyncio.run(compare(url, rounds=options.rounds, requests=options.requests)))
        subgraph.stdin.close()


if __name__ == "__main__":
    main()
