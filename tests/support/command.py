"""The real `zellige` command in a process of its own, for tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.processes import wait_until

READY_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 60.0


class RunningCommand:
    """A command that serves; used as a context it is stopped as Ctrl-C would, at the end."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        descriptor, name = tempfile.mkstemp(prefix="zellige-said-")
        self._said = Path(name)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "zellige", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        os.close(descriptor)

    def __enter__(self) -> RunningCommand:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.interrupt()
        self._said.unlink()

    @property
    def said(self) -> str:
        """What it has printed so far, on both streams."""
        return self._said.read_text()

    def wait_until_ready(self, url: str) -> None:
        """Returns once `url` answers 200; fails with what the command said when it does not."""

        def ready() -> bool:
            assert self.process.poll() is None, (
                f"the command ended with {self.process.returncode}:\n{self.said}"
            )
            return status_of(url) == 200

        wait_until(ready, READY_SECONDS_MAX)

    def wait_until_said(self, text: str, after: str = "") -> None:
        """Returns once the command has printed the text, below what it had said before."""

        def said() -> bool:
            ended = self.process.poll() is not None
            if text in self.said[len(after) :]:
                return True
            assert not ended, f"the command ended with {self.process.returncode}:\n{self.said}"
            return False

        wait_until(said, READY_SECONDS_MAX)

    def interrupt(self) -> int:
        """Stops it as Ctrl-C does and returns its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS_MAX)

    def kill(self) -> None:
        """Kills it without a chance to clean up."""
        self.process.kill()
        self.process.wait(STOP_SECONDS_MAX)


def status_of(url: str) -> int | None:
    """Returns the HTTP status of a GET, or None when nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None


def ask(url: str, query: str, variables: Mapping[str, Any] | None = None, token: str | None = None) -> Any:
    """Sends an operation over HTTP and returns the response."""
    headers = {"content-type": "application/json", "accept": "application/json"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    request = urllib.request.Request(url, body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
