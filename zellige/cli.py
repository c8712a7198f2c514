"""The command line. Each command is a file of `zellige.commands`, loaded when it is asked for."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperGroup

from zellige.command_app import command_app
from zellige.console import say
from zellige.errors import CommandFailed

# In the order of a first day. The summaries stand here too, so that the overview need not import everything;
# a test compares them with the commands' own.
COMMANDS = {
    "dev": "Starts databases, subgraphs and router on this machine.",
    "compose": "Composes Apollo Federation subgraphs into one supergraph.",
    "plan": "Prints the query plan of an operation.",
    "router": "Serves a supergraph in the join spec, from our composer or another one.",
    "subgraph": "Serves one domain over HTTP.",
    "worker": "Relays the domains' events, calls their consumers and runs their jobs.",
    "operations": "Publishes the documents that clients may name, and lists them.",
    "events": "Shows the domains' events: recorded, waiting, dead; replays and follows them.",
    "jobs": "Shows the domains' jobs: what there is, what is dead; retries.",
    "audit": "Proves the audit trail whole, and exports it.",
    "migrate": "Creates each domain's database and migrates it to the newest revision.",
    "schema": "Exports the schemas of the code, or checks that the files are fresh.",
    "keys": "Prints new secrets for a .env file; rotates the keys that sign tokens.",
}


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

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

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
