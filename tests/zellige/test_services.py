"""Embedded engines survive what happens to a developer's machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from tests.support.processes import is_running, wait_until
from zellige.services.data_lock import DataInUseError, DataLock
from zellige.services.postgres import EmbeddedPostgres
from zellige.services.process import ServiceError
from zellige.services.redis import EmbeddedRedis


@pytest.fixture
def home() -> Iterator[Path]:
    """A short path that only its owner may enter: what mkdtemp and /root give."""
    with tempfile.TemporaryDirectory(prefix="zellige-services-") as path:
        yield Path(path) / "data"
        if (Path(path) / "data" / "postgres").is_symlink():  # as root, the files stand elsewhere
            shutil.rmtree((Path(path) / "data" / "postgres").resolve(), ignore_errors=True)


async def _execute(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_postgres_keeps_its_rows_over_a_clean_stop_and_takes_another_port(home: Path) -> None:
    server = EmbeddedPostgres(home)
    url = server.start()
    try:
        await _execute(url, "create table kept as select 41 + 1 as answer")
    finally:
        server.stop()
    again = EmbeddedPostgres(home)
    try:
        assert await _execute(again.start(), "select answer from kept") == 42
    finally:
        again.stop()


async def test_postgres_starts_again_at_once_after_everything_was_killed(home: Path) -> None:
    server = EmbeddedPostgres(home)
    url = server.start()
    await _execute(url, "create table kept as select 42 as answer")
    postmaster = int((home / "postgres" / "server" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(server.guardian_id, signal.SIGKILL)
    os.kill(postmaster, signal.SIGKILL)
    again = EmbeddedPostgres(home)
    try:
        assert await _execute(again.start(), "select answer from kept") == 42
    finally:
        again.stop()
        server.stop()


async def test_postgres_refuses_a_client_without_the_password(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    url = server.start()
    try:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await _execute(url.replace("@", "wrong@"), "select 1")
    finally:
        server.stop()


async def test_an_interrupted_first_run_is_made_anew(home: Path) -> None:
    (home / "postgres" / "unfinished").mkdir(parents=True)
    (home / "postgres" / "unfinished" / "PG_VERSION").write_text("18")
    server = EmbeddedPostgres(home, durable=False)
    try:
        assert await _execute(server.start(), "select 1") == 1
    finally:
        server.stop()


def test_data_of_another_major_version_is_left_alone(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    server.stop()
    (home / "postgres" / "server" / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServiceError, match="written by PostgreSQL 12"):
        EmbeddedPostgres(home).start()


async def test_redis_keeps_its_keys_over_a_clean_stop(home: Path) -> None:
    server = EmbeddedRedis(home)
    async with Redis.from_url(server.start()) as redis:
        await redis.set("kept", "42")
    server.stop()
    again = EmbeddedRedis(home)
    try:
        async with Redis.from_url(again.start()) as redis:
            assert await redis.get("kept") == b"42"
    finally:
        again.stop()


OWNER = """
import sys, time
from pathlib import Path
from zellige.services.postgres import EmbeddedPostgres
from zellige.services.redis import EmbeddedRedis
engines = [EmbeddedPostgres(Path(sys.argv[1])), EmbeddedRedis(Path(sys.argv[1]))]
urls = [engine.start() for engine in engines]
print(*(engine.guardian_id for engine in engines), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_engines_end_with_their_owner(home: Path, number: signal.Signals) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(home)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout:
        guardians = [int(word) for word in owner.stdout.readline().split()]
    postmaster = int((home / "postgres" / "server" / "postmaster.pid").read_text().splitlines()[0])
    owner.send_signal(number)
    owner.wait(10)
    wait_until(lambda: not any(is_running(process) for process in [*guardians, postmaster]))
    assert not (home / "postgres" / "server" / "postmaster.pid").exists(), "the stop was not a clean one"


LENDER = """
import sys
from pathlib import Path
from zellige.services.redis import EmbeddedRedis
engine = EmbeddedRedis(Path(sys.argv[1]), owner=int(sys.argv[2]))
engine.start()
print(engine.guardian_id)
engine.leave()
"""


def test_an_engine_that_was_left_to_its_owner_goes_on_and_its_starter_ends_in_silence(home: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", LENDER, str(home), str(os.getpid())]
    starter = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    guardian = int(starter.stdout)
    assert starter.stderr == ""
    assert is_running(guardian)
    os.kill(guardian, signal.SIGTERM)
    wait_until(lambda: not is_running(guardian))


def test_a_second_holder_is_told_who_the_first_is(home: Path) -> None:
    first = DataLock(home)
    first.acquire()
    first.announce("http://127.0.0.1:5400")
    with pytest.raises(DataInUseError, match=f"process {os.getpid()} already uses .* http://127.0.0.1:5400"):
        DataLock(home).acquire()
    first.release()
    second = DataLock(home)
    second.acquire()
    second.release()


def test_the_hold_ends_with_a_killed_holder(home: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from zellige.services.data_lock import DataLock\n"
        "lock = DataLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == "held\n"
    with pytest.raises(DataInUseError, match=f"process {holder.pid}"):
        DataLock(home).acquire()
    holder.kill()
    holder.wait(10)
    lock = DataLock(home)
    lock.acquire()
    lock.release()
