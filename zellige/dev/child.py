"""The serving process as the session sees it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from zellige.console import say, speech
from zellige.dev.reports import Report

STOP_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class ServingOptions:
    """What the serving process is to serve, and where."""

    config: Path
    host: str
    port: int
    demo: bool


class ServingProcess:
    """Starts the serving process, follows it until it is ready and stops it."""

    def __init__(self, options: ServingOptions, environment: Mapping[str, str]) -> None:
        self._options = options
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Report:
        """Starts it and returns its last report: ready, or failed."""
        reading, writing = os.pipe()
        try:
            self._process = subprocess.Popen(
                self._command_line(writing),
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                pass_fds=(writing,),
                # Ctrl-C is the session's to handle: it stops us first and the engines afterwards.
                start_new_session=True,
            )
        finally:
            os.close(writing)
        with os.fdopen(reading, "rb") as reports:
            return self._follow(reports)

    def is_running(self) -> bool:
        """Says whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Lets it finish the requests in hand, then ends it; by force when it takes too long."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _command_line(self, report_descriptor: int) -> list[str]:
        options = self._options
        return [
            *(sys.executable, "-m", "zellige.dev.serve"),
            *("--config", str(options.config)),
            *("--host", options.host, "--port", str(options.port)),
            *("--report", str(report_descriptor)),
            *(["--demo"] if options.demo else []),
        ]

    def _follow(self, lines: Iterable[bytes]) -> Report:
        with speech.status("Starting ...") as status:
            for line in lines:
                report = Report.decode(line)
                if report.stage != "working":
                    return report
                if speech.is_terminal:
                    status.update(f"{report.text} ...")
                else:
                    say(f"{report.text} ...")
        return Report("failed", "the serving process ended before it was ready; its words are above")
