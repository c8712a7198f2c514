"""The command line. Each command is a file of `zellige.commands`, loaded when it is asked for."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperGroup

from zellige.command_app import command_app
from zellige.console import say
from zellige.errors import CommandFailed

# In the order of a first day: start, look, work, deploy.
COMMANDS = ("dev", "compose", "plan", "router", "subgraph", "worker", "migrate", "schema", "keys")


class CommandsOnDemand(TyperGroup):
    """Imports a command's file when the command runs: `dev` need not wait for what `compose` imports."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(importlib.import_module(f"zellige.commands.{cmd_name}").app)
        command.name = cmd_name
        return command

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandFailed as failure:
            say(f"Error: {failure}", style="red")
            raise typer.Exit(1) from failure


app = command_app(cls=CommandsOnDemand, no_args_is_help=True)


@app.callback()
def zellige() -> None:
    """One GraphQL schema over many subgraphs, and a business platform behind it.

    Exit codes: 0 done, 1 the work failed (for example, the subgraphs do not compose), 2 wrong usage.
    """


def main() -> None:
    """Runs the command line; the entry point of the `zellige` script."""
    app(prog_name="zellige")
