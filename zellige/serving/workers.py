"""Several router processes on one port, kept running until the command is told to end.

On Linux each worker binds a socket of its own to the port, and the kernel spreads connections over them;
elsewhere all accept from one socket. A worker that dies is started again, after a pause that grows while it
keeps dying; one that gives no sign of life is killed first. Workers are in sessions of their own, so that
Ctrl-C in a terminal reaches them through us, once.
"""

from __future__ import annotations

import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

import structlog

from router.config import RouterConfig
from router.server.serve import BACKLOG, listen_on
from zellige.console import say
from zellige.errors import CommandFailed
from zellige.serving.plan import ServingPlan

_log = structlog.stdlib.get_logger("zellige.workers")

PAUSE_S_MIN, PAUSE_S_MAX = 0.5, 30.0
# Whoever lived so long did not die of what killed the one before.
HEALTHY_S = 60.0
KILL_GRACE_S = 5.0
_TICK_S = 0.5
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(slots=True)
class _Worker:
    """One place among the workers, and the process that fills it now, if any."""

    number: int
    process: subprocess.Popen[bytes] | None = None
    link: socket.socket | None = None
    started_at: float = 0.0
    heard_at: float = 0.0
    is_listening: bool = False
    deaths: int = 0
    start_at: float = 0.0

    def is_due(self, now: float) -> bool:
        """Whether it is to be started."""
        return self.process is None and now >= self.start_at


@dataclass(slots=True)
class Workers:
    """The workers of one command; `run` returns when all have ended."""

    plan: ServingPlan
    settings: RouterConfig
    count: int
    _workers: list[_Worker] = field(default_factory=list)
    _is_ending: bool = False
    _has_served: bool = False
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self) -> None:
        """Serves until told to end; raises CommandFailed when workers cannot begin or had to be killed."""
        with ExitStack() as stack:
            stack.callback(self._selector.close)
            stack.enter_context(self._reserved_port())
            signals = stack.enter_context(_signals_as_bytes())
            self._selector.register(signals, selectors.EVENT_READ)
            self._workers = [_Worker(number) for number in range(self.count)]
            try:
                while not self._is_ending:
                    self._start_due()
                    self._kill_silent()
                    self._wait(signals, _TICK_S)
                self._await_end(signals)
            finally:
                self._kill_all()

    @contextmanager
    def _reserved_port(self) -> Iterator[None]:
        """Holds the port while the block runs, so that it is ours also when no worker lives."""
        server = self.settings.server
        is_spread = sys.platform == "linux"
        try:
            listen_on(server.host, server.port).close()  # says whether somebody else has it
            held = listen_on(server.host, server.port, shares_port=is_spread)
        except OSError as error:
            where = f"{server.host}:{server.port}"
            raise CommandFailed(f"{where} cannot be listened on: {error.strerror}") from error
        with held:
            port = held.getsockname()[1]
            if is_spread:
                # Bound and not listening, it gets no connections.
                self.plan = replace(self.plan, port=port, shares_port=True)
            else:
                held.listen(BACKLOG)
                self.plan = replace(self.plan, port=port, listener=held)
            yield

    def _start_due(self) -> None:
        now = time.monotonic()
        for worker in self._workers:
            if worker.is_due(now):
                self._start(worker)

    def _kill_silent(self) -> None:
        """Kills workers that listen and give no sign of life; their end is then heard as any other."""
        silence_s_max = self.settings.server.worker_silence_ms_max / 1000
        now = time.monotonic()
        for worker in self._workers:
            if worker.process is not None and worker.is_listening and now - worker.heard_at > silence_s_max:
                _log.error("a worker hangs and is killed", worker=worker.number, process_id=_id_of(worker))
                worker.heard_at = now
                worker.process.kill()

    def _start(self, worker: _Worker) -> None:
        ours, theirs = socket.socketpair()
        listener = self.plan.listener
        shared = [] if listener is None else [listener.fileno()]
        words = [sys.executable, "-m", "zellige.serving.worker", "--number", str(worker.number)]
        words += ["--plan", self.plan.to_json(), "--link", str(theirs.fileno())]
        words += [word for descriptor in shared for word in ("--listener", str(descriptor))]
        with theirs:
            worker.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno(), *shared], start_new_session=True
            )
        worker.link = ours
        worker.started_at = worker.heard_at = time.monotonic()
        worker.is_listening = False
        self._selector.register(ours, selectors.EVENT_READ, worker)

    def _wait(self, signals: socket.socket, seconds: float) -> None:
        """Handles what happens until then; returns after the first things that did."""
        for key, _ in self._selector.select(seconds):
            if key.data is not None:
                self._hear(key.data)
                continue
            for number in signals.recv(64):
                self._pass_on(signal.Signals(number))

    def _hear(self, worker: _Worker) -> None:
        assert worker.link is not None, "only links of running workers are listened to"
        try:
            said = worker.link.recv(1_024)
        except ConnectionError:
            said = b""
        if not said:
            self._bury(worker)
            return
        worker.heard_at = time.monotonic()
        if worker.is_listening:
            return
        worker.is_listening = True
        _log.info("a worker listens", worker=worker.number, process_id=_id_of(worker))
        if not self._has_served:
            self._has_served = True
            say(f"The router answers on {said.decode().strip()}")

    def _bury(self, worker: _Worker) -> None:
        """Notes that a worker has died, and when the next may take its place."""
        assert worker.link is not None and worker.process is not None, "it lived until now"
        self._selector.unregister(worker.link)
        worker.link.close()
        code = worker.process.wait()
        lived_s = time.monotonic() - worker.started_at
        worker.link = worker.process = None
        if self._is_ending:
            return
        if not worker.is_listening and not self._has_served:
            self._is_ending = True
            raise CommandFailed(f"worker {worker.number} could not begin; its words are above")
        worker.deaths = 1 if lived_s >= HEALTHY_S else worker.deaths + 1
        pause_s = min(PAUSE_S_MAX, PAUSE_S_MIN * 2 ** (worker.deaths - 1))
        worker.start_at = time.monotonic() + pause_s
        _log.error("a worker died", worker=worker.number, exit_code=code, again_in_s=pause_s)

    def _pass_on(self, number: signal.Signals) -> None:
        if number in _SIGNALS:
            self._is_ending = self._is_ending or number is not signal.SIGHUP
            for worker in self._workers:
                if worker.process is not None:
                    worker.process.send_signal(number)

    def _await_end(self, signals: socket.socket) -> None:
        shutdown = self.settings.server.shutdown
        seconds_max = (shutdown.notice_ms + shutdown.drain_ms_max) / 1000 + KILL_GRACE_S
        deadline = time.monotonic() + seconds_max
        while any(worker.process is not None for worker in self._workers):
            left = deadline - time.monotonic()
            if left <= 0:
                raise CommandFailed(f"workers did not end within {seconds_max:.0f} s and were killed")
            self._wait(signals, left)

    def _kill_all(self) -> None:
        for worker in self._workers:
            if worker.process is not None:
                worker.process.kill()
                worker.process.wait()
            if worker.link is not None:
                worker.link.close()


def _id_of(worker: _Worker) -> int | None:
    return worker.process.pid if worker.process is not None else None


@contextmanager
def _signals_as_bytes() -> Iterator[socket.socket]:
    """Yields a socket on which each signal arrives as a byte, its number, so that a wait ends with it."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        reading.close()
        writing.close()
