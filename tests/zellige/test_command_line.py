"""What is true of every command."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from zellige.cli import COMMANDS, app

RUNNER = CliRunner()


def test_the_overview_names_every_command_and_the_exit_codes() -> None:
    result = RUNNER.invoke(app, ["--help"], prog_name="zellige")
    assert result.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.stdout
    assert "Exit codes: 0 done, 1 the work failed" in result.stdout


GROUPS = {
    "schema": ("export", "check"),
    "events": ("list", "dead", "replay", "tail"),
    "operations": ("publish", "list"),
    "jobs": ("list", "dead", "retry"),
    "audit": ("verify", "export"),
    "keys": ("rotate", "list"),
}
BELOW = [f"{group} {name}" for group, names in GROUPS.items() for name in names]


@pytest.mark.parametrize("name", [*COMMANDS, *BELOW])
def test_each_command_explains_itself_with_an_example(name: str) -> None:
    result = RUNNER.invoke(app, [*name.split(), "--help"], prog_name="zellige")
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"Usage: zellige {name}" in result.stdout
    if name in COMMANDS:
        assert f"\n  {COMMANDS[name]}\n" in result.stdout
    if name not in GROUPS:
        assert f"zellige {name}" in result.stdout.partition("Example")[2]


def test_an_unknown_command_is_wrong_usage() -> None:
    result = RUNNER.invoke(app, ["compse"], prog_name="zellige")
    assert result.exit_code == 2
    assert "No such command 'compse'" in result.stderr


def test_without_arguments_the_overview_is_shown() -> None:
    assert "Usage: zellige" in RUNNER.invoke(app, [], prog_name="zellige").output


def test_keys_prints_secrets_for_an_environment_file_never_the_same_twice() -> None:
    first, second = (RUNNER.invoke(app, ["keys"], prog_name="zellige").stdout for _ in range(2))
    names = [line.partition("=")[0] for line in first.splitlines()]
    assert names == [
        "ZELLIGE_SIGNING_KEY",
        "ZELLIGE_ENCRYPTION_KEYS",
        "ZELLIGE_INTERNAL_SECRET",
        "ZELLIGE_CACHE_KEY",
        "POSTGRES_PASSWORD",
        "RABBITMQ_PASSWORD",
    ]
    assert not set(first.splitlines()) & set(second.splitlines())


def test_one_subgraph_that_does_not_exist_is_named_with_those_that_do() -> None:
    result = RUNNER.invoke(app, ["subgraph", "billing", "--port", "5401"], prog_name="zellige")
    assert result.exit_code == 1
    assert "There is no subgraph 'billing'; there are identity, products, inventory, orders" in result.stderr
    assert "notifications" in result.stderr
