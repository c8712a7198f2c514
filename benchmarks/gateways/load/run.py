"""Runs a generator in a process of its own, on the cores that are not the gateway's."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.gateways.child import child_on
from benchmarks.gateways.load.plan import LoadPlan, LoadResult

SCRIPT = Path(__file__).with_name("wrk.lua")
EXTRA_SECONDS_MAX = 120
TIMEOUT_SECONDS = 60


class LoadFailedError(Exception):
    """The generator ended without a result."""


def run_load(plan: LoadPlan, cores: frozenset[int], *, by_wrk: bool = False) -> LoadResult:
    """Sends the load and returns what came of it; raises LoadFailedError."""
    if by_wrk and plan.requests is None:
        return _run_wrk(plan, cores)
    command = [sys.executable, "-m", "benchmarks.gateways.load.generator"]
    return LoadResult(**json.loads(_output(command, plan, cores, given=plan.to_json())))


def has_wrk() -> bool:
    """Tells whether wrk is installed."""
    return shutil.which("wrk") is not None


def _run_wrk(plan: LoadPlan, cores: frozenset[int]) -> LoadResult:
    with tempfile.NamedTemporaryFile("w", suffix=".head", newline="") as head:
        head.write(plan.head())
        head.flush()
        viewer = str(plan.first_viewer) if plan.is_unique else "-"
        command = [
            "wrk",
            *("-t1", f"-c{plan.connections}", f"-d{max(1, round(plan.seconds))}s"),
            *(f"--timeout={TIMEOUT_SECONDS}s", "-s", str(SCRIPT), f"http://127.0.0.1:{plan.port}{plan.path}"),
            *("--", str(plan.bodies), head.name, viewer),
        ]
        output = _output(command, plan, cores)
    line = next(line for line in output.splitlines() if line.startswith("RESULT "))
    return LoadResult(**json.loads(line.removeprefix("RESULT ")), generator="wrk")


def _output(command: list[str], plan: LoadPlan, cores: frozenset[int], given: str = "") -> str:
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            check=True,
            timeout=None if plan.requests else plan.seconds + EXTRA_SECONDS_MAX,
            preexec_fn=child_on(cores),
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()[-1:]
        raise LoadFailedError(f"the load generator failed: {' '.join(said)}") from error
    except subprocess.TimeoutExpired as error:
        raise LoadFailedError("the load generator did not end") from error
    return done.stdout
