"""`zellige dev` on a developer's bad day, in processes of its own on embedded engines."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.command import RunningCommand, ask, status_of
from tests.support.processes import descendants_of, is_running, wait_until
from zellige.demo.credentials import DEMO_PASSWORD
from zellige.demo.generate import generate_shop
from zellige.services.process import free_port

ROOT = Path(__file__).parents[2]
EMBEDDED = {"DATABASE_URL": "", "REDIS_URL": ""}
REGISTER = """
mutation ($input: RegisterInput!) { register(input: $input) { accepted userErrors { code } } }
"""
LOG_IN = """
mutation ($input: LoginInput!) { login(input: $input) { user { name } userErrors { code } } }
"""

TOKEN = "mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken } } }"
COUNT = """
{
  products(first: 1) { totalCount }
  categories(first: 1) { totalCount }
  orders(first: 1) { totalCount }
  placed: orders(first: 1, where: { status: { eq: PLACED } }) { totalCount }
  warehouses(first: 1) { totalCount }
}
"""


class Developer:
    """Somebody with a data directory and a port, who starts `zellige dev` again and again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where the router answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *options: str, ready: bool = True) -> RunningCommand:
        """Starts the command and, unless told otherwise, waits until it answers."""
        command = RunningCommand(
            *("dev", "--port", str(self.port), "--data", str(self.directory), "--no-demo", *options),
            environment=EMBEDDED,
        )
        if ready:
            # Not by asking the port: the server of a session killed just before may still answer there.
            command.wait_until_said(f"Zellige is ready on {self.url}")
        return command


@pytest.fixture
def developer() -> Iterator[Developer]:
    """A developer with an empty data directory."""
    with tempfile.TemporaryDirectory(prefix="zellige-dev-") as path:
        directory = Path(path) / "data"
        yield Developer(directory)
        if (directory / "postgres").is_symlink():  # as root, the files stand elsewhere
            shutil.rmtree((directory / "postgres").resolve(), ignore_errors=True)


def test_ctrl_c_leaves_nothing_running_and_data_and_keys_intact(developer: Developer) -> None:
    credentials = {"email": "amina@example.dz", "password": "un-bon-mot-de-passe-58"}
    with developer.start("--no-reload") as command:
        answer = ask(f"{developer.url}/graphql", REGISTER, {"input": {**credentials, "name": "Amina"}})
        assert answer == {"data": {"register": {"accepted": True, "userErrors": []}}}
        assert "GraphiQL" in command.said
        keys = _read_keys(developer)
        assert f"Mail       {developer.directory / 'mail'}/" in command.said
        mail = _wait_for_mail(developer, "Bienvenue chez Zellige")
        assert mail["To"] == "amina@example.dz"
        assert status_of(mail["List-Unsubscribe"].strip("<>")) == 200
        _stop_and_look(command, signal.SIGINT)
        assert "Stopped. The data is kept in" in command.said
    with developer.start("--no-reload") as command:
        answer = ask(f"{developer.url}/graphql", LOG_IN, {"input": credentials})
        assert answer == {"data": {"login": {"user": {"name": "Amina"}, "userErrors": []}}}
        assert _read_keys(developer) == keys
        _stop_and_look(command, signal.SIGTERM)  # as `kill` and service managers do


def _stop_and_look(command: RunningCommand, number: signal.Signals) -> None:
    started = descendants_of(command.process.pid)
    assert len(started) >= 5, "serving process, two guardians and two engines at least"
    command.process.send_signal(number)
    assert command.process.wait(60) == 0
    assert not [process for process in started if is_running(process)]


def _wait_for_mail(developer: Developer, subject: str) -> EmailMessage:
    found: dict[str, EmailMessage] = {}

    def has_come() -> bool:
        for path in (developer.directory / "mail").glob("*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            found[mail["Subject"]] = mail  # pyright: ignore[reportArgumentType]  # this policy's class
        return subject in found

    wait_until(has_come, 60.0)
    return found[subject]


def _read_keys(developer: Developer) -> dict[str, str]:
    paths = [
        developer.directory / name for name in ("signing-key.pem", "internal-secret", "postgres.password")
    ]
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    return {path.name: path.read_text() for path in paths}


def test_the_demo_shop_is_loaded_once(developer: Developer) -> None:
    with developer.start("--demo", "--no-reload") as command:
        assert f"Demo users, password {DEMO_PASSWORD}" in command.said
        before = _count(developer)
    shop = generate_shop()
    assert before == {
        "products": len(shop.products),
        "categories": len(shop.categories),
        "orders": sum(order.fate != "cart" for order in shop.orders),
        "placed": sum(order.fate == "placed" for order in shop.orders),
        "warehouses": len(shop.warehouses),
    }
    with developer.start("--demo", "--no-reload") as command:
        assert "Loading the demo shop" not in command.said
        assert _count(developer) == before


def _count(developer: Developer) -> dict[str, int]:
    url = f"{developer.url}/graphql"
    credentials = {"email": "owner@demo.zellige.dev", "password": DEMO_PASSWORD}
    token = ask(url, TOKEN, {"input": credentials})["data"]["login"]["tokens"]["accessToken"]
    counted = ask(url, COUNT, token=token)["data"]
    return {name: connection["totalCount"] for name, connection in counted.items()}


def test_after_kill_9_nothing_stays_behind_and_dev_starts_again(developer: Developer) -> None:
    with developer.start("--no-reload") as command:
        started = descendants_of(command.process.pid)
        command.kill()
        # At once, while the killed session's engines are still stopping:
        with developer.start("--no-reload") as again:
            assert status_of(f"{developer.url}/health/ready") == 200
            wait_until(lambda: not [process for process in started if is_running(process)])
            assert again.interrupt() == 0


def test_a_taken_port_is_named_before_anything_starts(developer: Developer) -> None:
    with subprocess.Popen(
        ["python3", "-m", "http.server", "--bind", "127.0.0.1", str(developer.port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as squatter:
        wait_until(lambda: status_of(developer.url) is not None)
        with developer.start("--no-reload", ready=False) as command:
            assert command.process.wait(30) == 1
            assert f"127.0.0.1:{developer.port} cannot be served: Address already in use" in command.said
            assert "Starting the embedded" not in command.said
        squatter.terminate()


def test_a_change_restarts_the_subgraphs_while_a_second_dev_is_told_and_a_closed_terminal_ends_all(
    developer: Developer,
) -> None:
    with developer.start() as command:
        with developer.start("--port", str(free_port()), ready=False) as second:
            assert second.process.wait(60) == 1
            assert f"process {command.process.pid} already uses {developer.directory}" in second.said
            assert f"and serves {developer.url}" in second.said
        assert status_of(f"{developer.url}/health/ready") == 200
        before, said = set(descendants_of(command.process.pid)), command.said
        os.utime(ROOT / "subgraphs" / "identity" / "app.py")
        command.wait_until_said("Changed: app.py", said)
        command.wait_until_said(f"Ready again on {developer.url}", said)
        after = set(descendants_of(command.process.pid))
        assert len(before & after) >= 4, "both engines and their guardians are the same processes"
        assert len(before - after) >= 1, "the serving process is another one"
        assert status_of(f"{developer.url}/health/ready") == 200
        _stop_and_look(command, signal.SIGHUP)
