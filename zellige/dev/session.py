"""One run of `zellige dev`, from the lock on the data directory to the last engine stopped."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from zellige.console import say
from zellige.dev.banner import print_banner
from zellige.dev.child import ServingOptions, ServingProcess
from zellige.dev.code_watch import CodeWatch
from zellige.dev.engines import Engines
from zellige.dev.keys import ensure_keys
from zellige.dev.reports import Report
from zellige.errors import CommandFailed
from zellige.services.data_lock import DataInUseError, DataLock

LOOK_AT_CHILD_SECONDS = 1.0
PORT_SECONDS_MAX = 6.0
PORT_POLL_SECONDS = 0.1
WATCHED = ("zellige", "router", "subgraphs", "migrations")
MAIL_FOLDER = "ZELLIGE_MAIL_FOLDER"
PUBLIC_URL = "ZELLIGE_PUBLIC_URL"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Session:
    """What the person asked for."""

    directory: Path
    serving: ServingOptions
    reload: bool = True

    @property
    def url(self) -> str:
        """Where the router answers."""
        return f"http://{self.serving.host}:{self.serving.port}"

    def run(self) -> None:
        """Serves until the person stops it; raises CommandFailed when it cannot begin."""
        with _stop_signals_interrupt(), self._data_directory():
            _refuse_taken_port(self.serving.host, self.serving.port)
            engines = Engines(self.directory)
            try:
                environment = (
                    engines.start()
                    | ensure_keys(self.directory)
                    | {"ZELLIGE_ROUTER_URL": self._endpoint, **self._addresses}
                )
                self._serve(ServingProcess(self.serving, environment))
            except KeyboardInterrupt:
                say("\nStopping ...")
            finally:
                _ignore_stop_signals()  # a second Ctrl-C must not leave an engine behind
                engines.stop()
        say("Stopped. The data is kept in " + str(self.directory))

    @property
    def _endpoint(self) -> str:
        return f"{self.url}/graphql"

    @property
    def _addresses(self) -> dict[str, str]:
        """What links in mail begin with and where mail is kept, unless the environment says otherwise."""
        # By name: browsers take `localhost`, and no address, for the origin of passkeys.
        public = os.environ.get(PUBLIC_URL) or f"http://localhost:{self.serving.port}"
        return {PUBLIC_URL: public, MAIL_FOLDER: str(self._mail_folder)}

    @property
    def _mail_folder(self) -> Path:
        """Where mail is kept when no server is named."""
        return Path(os.environ.get(MAIL_FOLDER) or self.directory / "mail")

    @contextmanager
    def _data_directory(self) -> Iterator[None]:
        lock = DataLock(self.directory)
        try:
            lock.acquire()
        except DataInUseError as error:
            raise CommandFailed(str(error)) from error
        lock.announce(self.url)
        try:
            yield
        finally:
            lock.release()

    def _serve(self, child: ServingProcess) -> None:
        try:
            with CodeWatch(_watched_directories() if self.reload else []) as code:
                report = child.start()
                if report.stage == "failed":
                    raise CommandFailed(report.text)
                print_banner(
                    self.url, report.notes, None if os.environ.get("SMTP_URL") else self._mail_folder
                )
                self._stay(child, code)
        finally:
            child.stop()

    def _stay(self, child: ServingProcess, code: CodeWatch) -> NoReturn:
        said_dead = False
        while True:
            changed = code.wait(LOOK_AT_CHILD_SECONDS)
            if changed:
                say(f"Changed: {', '.join(sorted(path.name for path in changed))}. Starting anew ...")
                child.stop()
                said_dead = _tell(child.start(), self.url)
            elif not child.is_running() and not said_dead:
                said_dead = True
                say("The serving process ended. It starts anew at the next change of the code.", style="red")


def _tell(report: Report, url: str) -> bool:
    """Says how a restart went and returns whether it failed."""
    if report.stage == "failed":
        say(f"Error: {report.text}\nWaiting for the next change.", style="red")
        return True
    say(f"Ready again on {url}")
    return False


def _watched_directories() -> list[Path]:
    root = Path(__file__).parents[2]
    return [root / name for name in WATCHED if (root / name).is_dir()]


def _refuse_taken_port(host: str, port: int) -> None:
    # The serving process of a session that was killed lets go of its port a moment later.
    deadline = time.monotonic() + PORT_SECONDS_MAX
    while (problem := _try_port(host, port)) is not None:
        if time.monotonic() > deadline:
            raise CommandFailed(f"{host}:{port} cannot be served: {problem}. Choose another port with --port")
        time.sleep(PORT_POLL_SECONDS)


def _try_port(host: str, port: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror
    return None


@contextmanager
def _stop_signals_interrupt() -> Iterator[None]:
    """Makes `kill` and a closed terminal do what Ctrl-C does."""
    before = {number: signal.signal(number, _interrupt) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_stop_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
