"""The engines the tests run on: the ones the environment names, else embedded ones.

Embedded engines start at the first call, once per pytest run: workers of pytest-xdist share them through
a directory named after the run's owner and a file lock. They end with the owner process, whatever its end.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from zellige.services.postgres import EmbeddedPostgres
from zellige.services.redis import EmbeddedRedis

OWNER_VARIABLE = "ZELLIGE_TEST_OWNER"
STOP_SECONDS_MAX = 30.0
_started: list[EmbeddedPostgres | EmbeddedRedis] = []  # kept: a Popen dropped while it runs warns


@functools.cache
def postgres_url() -> str:
    """Returns a superuser's URL of a PostgreSQL server (`postgresql://...`, maintenance database)."""
    return os.environ.get("DATABASE_URL") or _embedded("postgres")


@functools.cache
def redis_url() -> str:
    """Returns the URL of a Redis database that no other worker of this run uses."""
    url = os.environ.get("REDIS_URL") or _embedded("redis")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        return url
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0) + 1 + int(worker.removeprefix("gw"))
    return parts._replace(path=f"/{number}").geturl()


def rabbitmq_url() -> str | None:
    """Returns the URL of a RabbitMQ broker, or None when the environment names none: tests then skip."""
    bus = os.environ.get("EVENT_BUS_URL", "")
    return os.environ.get("RABBITMQ_URL") or (bus if bus.startswith("amqp") else None)


def claim_ownership() -> None:
    """Makes this process the owner of the run's engines, unless an outer run already owns them."""
    os.environ.setdefault(OWNER_VARIABLE, str(os.getpid()))


def stop_engines() -> None:
    """Stops what this process owns and removes its files; a worker leaves what it started to the owner."""
    if _owner() != os.getpid():
        for engine in _started:
            engine.leave()
        return
    if not _run_directory().exists():
        return
    for path in _run_directory().glob("*.guardian"):
        _stop_guardian(int(path.read_text()), _run_directory() / path.stem / f"{path.stem}.lock")
    for engine in _started:
        engine.stop()  # it is gone: this only collects the process, where it was our own child
    shutil.rmtree(_run_directory(), ignore_errors=True)


def _embedded(name: str) -> str:
    directory = _run_directory()
    directory.mkdir(mode=0o711, exist_ok=True)
    directory.chmod(0o711)  # an engine under another user walks through it, whatever the umask
    with _locked(directory / f"{name}.starting"):
        written = directory / f"{name}.url"
        if not written.exists():
            kind = EmbeddedPostgres if name == "postgres" else EmbeddedRedis
            engine = kind(directory / name, durable=False, owner=_owner())
            url = engine.start()
            _started.append(engine)
            (directory / f"{name}.guardian").write_text(str(engine.guardian_id))
            written.write_text(url)
        return written.read_text()


def _owner() -> int:
    return int(os.environ.get(OWNER_VARIABLE) or os.getpid())


def _run_directory() -> Path:
    return Path(tempfile.gettempdir()) / f"zellige-tests-{_owner()}"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _stop_guardian(process_id: int, lock: Path) -> None:
    try:
        os.kill(process_id, signal.SIGTERM)
    except ProcessLookupError:
        return
    # The guardian may be another process's child, whose death we cannot wait for; its lock we can.
    deadline = time.monotonic() + STOP_SECONDS_MAX
    with lock.open("w") as file:
        while time.monotonic() < deadline:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.05)
            else:
                return
