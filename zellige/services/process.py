"""One engine as a process: start it under a guardian, wait until it answers, stop it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zellige.services import guardian
from zellige.services.account import Account

READY_SECONDS_MAX = 60.0
POLL_SECONDS = 0.02
LOG_LINES_SHOWN = 15


class ServiceError(Exception):
    """An engine cannot be had; the message says why and what the reader can do about it."""


class EngineStoppedError(ServiceError):
    """The engine ended before it answered; `log` holds what it printed."""

    def __init__(self, name: str, log: str) -> None:
        super().__init__(f"{name} did not start. Its last words:\n{last_lines(log)}")
        self.log = log


@dataclass(frozen=True, slots=True)
class EngineCommand:
    """What to run for one engine and where its lock and log stand."""

    name: str
    command: tuple[str, ...]
    stop_signal: signal.Signals
    lock: Path
    log: Path
    account: Account | None = None
    process_file: Path | None = None


class EngineProcess:
    """A running engine; it lives until `stop` or until the owner process dies."""

    def __init__(self, engine: EngineCommand, owner: int | None = None) -> None:
        self._engine = engine
        self._owner = owner or os.getpid()
        self._guardian: subprocess.Popen[bytes] | None = None

    @property
    def guardian_id(self) -> int:
        """The process id to send SIGTERM to for a clean stop from another process."""
        assert self._guardian is not None, "an engine that was never started has no guardian"
        return self._guardian.pid

    def start(self, is_ready: Callable[[], bool]) -> None:
        """Starts the engine and returns once `is_ready`; raises EngineStoppedError or ServiceError."""
        with self._engine.log.open("wb") as log:
            self._guardian = subprocess.Popen(
                self._command_line(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not is_ready():
            if self._guardian.poll() is not None:
                raise EngineStoppedError(self._engine.name, self._explain(self._guardian.returncode))
            if time.monotonic() > deadline:
                self.stop()
                raise ServiceError(
                    f"{self._engine.name} did not answer within {READY_SECONDS_MAX:.0f} s.\n"
                    f"{last_lines(self._read_log())}"
                )
            time.sleep(POLL_SECONDS)

    def is_running(self) -> bool:
        """Says whether the engine has been started and has not ended."""
        return self._guardian is not None and self._guardian.poll() is None

    def stop(self) -> None:
        """Stops the engine cleanly and returns when it is gone; harmless when it is not running."""
        if self._guardian is None:
            return
        if self._guardian.poll() is None:
            self._guardian.terminate()
        self._guardian.wait(2 * guardian.STOP_SECONDS_MAX + 5)

    def leave(self) -> None:
        """Leaves a running engine to its owner, another process, which is told `guardian_id`."""
        if self._guardian is not None:
            # A Popen that is dropped while its process runs warns of that; here it is meant.
            self._guardian.returncode = 0

    def _command_line(self) -> list[str]:
        account = self._engine.account
        identity = ["--user", str(account.user_id), "--group", str(account.group_id)] if account else []
        record = self._engine.process_file
        return [
            *(sys.executable, "-I", "-S", guardian.__file__),
            *("--owner", str(self._owner)),
            *("--lock", str(self._engine.lock)),
            *("--stop-signal", str(int(self._engine.stop_signal))),
            *(("--process-file", str(record)) if record else ()),
            *identity,
            "--",
            *self._engine.command,
        ]

    def _explain(self, status: int) -> str:
        if status == guardian.EXIT_LOCKED:
            return f"another process still runs on {self._engine.lock.parent}"
        return self._read_log()

    def _read_log(self) -> str:
        return self._engine.log.read_text(errors="replace")


def last_lines(text: str) -> str:
    """Returns the end of a log, indented, short enough for a terminal."""
    lines = text.strip().splitlines()[-LOG_LINES_SHOWN:]
    return "\n".join(f"  {line}" for line in lines) or "  (nothing)"


def free_port() -> int:
    """Returns a loopback port nobody listens on now; the caller retries if it is taken meanwhile."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
