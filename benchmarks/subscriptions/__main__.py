"""Measures subscriptions and prints the figures; `make bench-subscriptions`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.gateways.catalogue import HIVE, NODE
from benchmarks.results_file import write_results
from benchmarks.subscriptions.control import resident_bytes
from benchmarks.subscriptions.fanout import Arena, Fanout, measure_fanout
from benchmarks.subscriptions.resuming import Resumed, measure_resume
from benchmarks.subscriptions.schema import supergraph_sdl

START_S_MAX = 60.0
ROUNDS, BURST = 20, 20
BOUND_KILOBYTES = 30


def main() -> int:
    """Runs everything; tells by the exit code whether the bounds hold."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.subscriptions",
        description=__doc__,
        epilog="example: python -m benchmarks.subscriptions --subscribers 2000 --clients 100",
    )
    parser.add_argument("--subscribers", type=int, default=10_000, help="live ones on one process")
    parser.add_argument("--peer-subscribers", type=int, default=1_000, help="beside the gateway of npm")
    parser.add_argument("--clients", type=int, default=1_000, help="that are cut")
    parser.add_argument("--cuts", type=int, default=20, help="of each of them")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    print(f"seed {options.seed}; router and clients share this machine")
    fanouts, resumed = asyncio.run(run(options))
    file = write_results(
        "subscriptions",
        {"fanout": [one.to_map() for one in fanouts], "resume": resumed.to_map()},
    )
    print(f"written to {file}")
    own = [one for one in fanouts if one.name.startswith("zellige")]
    is_lean = all(one.kilobytes_each <= BOUND_KILOBYTES for one in own if one.subscribers >= 5_000)
    is_whole = all(one.received_percent == 100 for one in own) and not resumed.missed + resumed.repeated
    return 0 if is_lean and is_whole else 1


async def run(options: argparse.Namespace) -> tuple[list[Fanout], Resumed]:
    """Measures one after another; every server is a new process."""
    fanouts: list[Fanout] = []
    for kind in ("sse", "websocket"):
        with router() as port:
            await show(Arena("zellige, feed", port, port), kind, options.subscribers, fanouts)
    with router() as port:
        events = max(options.cuts * 5, 50)
        resumed = await measure_resume(port, options.clients, options.cuts, events, options.seed)
    print(
        f"resume: {resumed.clients} clients cut {resumed.cuts_each} times each over {resumed.events} events: "
        f"{resumed.missed} missed, {resumed.repeated} repeated",
        flush=True,
    )
    with subgraph() as subgraph_port:
        url = f"http://127.0.0.1:{subgraph_port}"
        with router("--subgraph", url) as port:
            arena = Arena("zellige, subgraph", port, subgraph_port)
            await show(arena, "sse", options.peer_subscribers, fanouts)
        if HIVE.is_file():
            with hive(url) as (port, pid):
                arena = Arena("hive gateway, subgraph", port, subgraph_port, lambda: resident_bytes(pid))
                await show(arena, "sse", options.peer_subscribers, fanouts)
        else:
            print("the gateway of npm is not installed: npm ci in benchmarks/gateways/peers")
    return fanouts, resumed


async def show(arena: Arena, kind: str, count: int, fanouts: list[Fanout]) -> None:
    """Measures and prints one line."""
    found = await measure_fanout(arena, kind, count, ROUNDS, BURST)
    fanouts.append(found)
    print(
        f"{found.name:<32}{found.subscribers:>7} subscribers {found.kilobytes_each:>7.1f} KB each, "
        f"one event to all: p50 {found.latency_p50_ms:>7.1f} ms, p99 {found.latency_p99_ms:>7.1f} ms, "
        f"{found.deliveries_per_second:>8.0f} deliveries/s, {found.received_percent:.2f}% received",
        flush=True,
    )


@contextlib.contextmanager
def router(*options: str) -> Iterator[int]:
    """Runs our router; yields its port."""
    with process([sys.executable, "-m", "benchmarks.subscriptions.serve", *options]) as (port, _):
        yield port


@contextlib.contextmanager
def subgraph() -> Iterator[int]:
    """Runs the subgraphs; yields their port."""
    with process([sys.executable, "-m", "benchmarks.subscriptions.subgraph"]) as (port, _):
        yield port


@contextlib.contextmanager
def hive(subgraph_url: str) -> Iterator[tuple[int, int]]:
    """Runs the gateway of npm over the same subgraphs; yields port and process id."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "supergraph.graphql"
        file.write_text(supergraph_sdl(subgraph_url, has_feed=False), encoding="utf-8")
        command = [str(NODE), str(HIVE), "supergraph", str(file), "--fork", "1", "--host", "127.0.0.1"]
        with process(command, folder) as found:
            yield found


@contextlib.contextmanager
def process(command: list[str], folder: str | None = None) -> Iterator[tuple[int, int]]:
    """Starts a server on a free port, waits until it listens, ends it; yields port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([*command, "--port", str(port)], cwd=folder, stdout=subprocess.DEVNULL) as running:
        try:
            _wait_until_listening(port, running)
            yield port, running.pid
        finally:
            running.kill()


def _wait_until_listening(port: int, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        if running.poll() is not None:
            raise SystemExit(f"a server ended at once: {running.args}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit(f"a server does not listen: {running.args}")


if __name__ == "__main__":
    sys.exit(main())
