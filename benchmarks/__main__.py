"""Runs the comparisons one after the other.

`python -m benchmarks [NAME...]` runs those named, or all; `--list` says which there are; `--peers` compares
with the packages of the npm registry as well (Node.js is needed).
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys

BENCHMARKS = ("transport", "planning", "composition", "execution", "caching", "telemetry")
WITH_PEERS = ("planning", "composition", "execution")


def describe(name: str) -> str:
    """Returns the first sentence of a benchmark's own description."""
    text = importlib.import_module(f"benchmarks.{name}").__doc__ or ""
    return text.strip().splitlines()[0]


def run(name: str, *, peers: bool) -> int:
    """Runs one benchmark in a process of its own, so that none warms up another; returns its exit code."""
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    print(f"== {name}: {describe(name)}", flush=True)
    return subprocess.run(
        [*command, "--peers"] if peers and name in WITH_PEERS else command, check=False
    ).returncode


def main() -> None:
    """Reads the command line and ends with 1 when a benchmark failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all unless given"
    )
    parser.add_argument("--list", action="store_true", help="say which there are and end")
    parser.add_argument("--peers", action="store_true", help="compare with npm packages as well")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    if arguments.list:
        print("\n".join(f"{name:12} {describe(name)}" for name in BENCHMARKS))
        return
    codes = [run(name, peers=arguments.peers) for name in arguments.names or BENCHMARKS]
    sys.exit(int(any(codes)))


if __name__ == "__main__":
    main()
