"""Processes on cores of their own, and what they cost: CPU time and memory as the kernel counts them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from benchmarks.gateways.child import child_on

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 10.0
_TICKS = os.sysconf("SC_CLK_TCK")
_ROOT = Path(__file__).resolve().parents[2]


class StartFailedError(Exception):
    """A process ended, or did not open its port in time; the message holds what it said."""


class Process:
    """A program on given cores with one port, and everything it starts."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        cores: frozenset[int],
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self._log = log
        with log.open("wb") as output:
            # Standard input stays open as long as we live: the programs of ours end with it.
            self._process = subprocess.Popen(
                command,
                cwd=_ROOT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=child_on(cores),  # noqa: PLW1509 - this process has one thread
                start_new_session=True,
            )

    def __enter__(self) -> Process:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait_for_port(self) -> None:
        """Returns once the port is open; raises StartFailedError."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if not self.is_running:
                raise StartFailedError(f"ended with {self._process.returncode}: {self.said()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise StartFailedError(f"no port after {START_SECONDS_MAX:.0f} s: {self.said()}")

    def said(self) -> str:
        """Returns the last lines it wrote."""
        lines = self._log.read_text("utf-8", errors="replace").strip().splitlines()
        return " | ".join(line.strip() for line in lines[-3:])[-600:]

    def stop(self) -> None:
        """Ends it and all it started."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS_MAX)
                break
        if self._process.stdin is not None:
            self._process.stdin.close()

    def cpu_seconds(self) -> float:
        """Returns the CPU time of it and all it started so far."""
        return sum(_cpu_seconds(pid) for pid in self._tree())

    def rss_mb(self) -> float:
        """Returns the resident memory of it and all it started."""
        return sum(_rss_mb(pid) for pid in self._tree())

    def _tree(self) -> Iterator[int]:
        waiting = [self.pid]
        while waiting:
            pid = waiting.pop()
            yield pid
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    waiting += map(int, (task / "children").read_text().split())


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _rss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    found = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(next(found, "0")) / 1024


def free_port() -> int:
    """Returns a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def share_cores() -> tuple[frozenset[int], frozenset[int]]:
    """Returns the core of the gateway, and the others for subgraphs and load; one core serves both."""
    if not hasattr(os, "sched_getaffinity"):
        return frozenset(), frozenset()
    first, *others = sorted(os.sched_getaffinity(0))
    return frozenset({first}), frozenset(others or {first})
