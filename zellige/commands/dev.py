"""`zellige dev`: everything on this machine, from nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zellige.assembly.supergraph_file import DEFAULT_PATH
from zellige.command_app import command_app
from zellige.dev.child import ServingOptions
from zellige.dev.session import Session

app = command_app()


@app.command()
def dev(
    port: Annotated[int, typer.Option(help="Where the router answers.", min=1, max=65_535)] = 4000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    data: Annotated[Path, typer.Option(help="Where the engines keep their files.")] = Path(".zellige"),
    config: Annotated[Path, typer.Option(help="The file that names the subgraphs.")] = DEFAULT_PATH,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Load the demo shop.")] = True,
    reload: Annotated[bool, typer.Option("--reload/--no-reload", help="Restart when code changes.")] = True,
) -> None:
    """Starts databases, subgraphs and router on this machine.

    PostgreSQL and Redis are embedded unless DATABASE_URL and REDIS_URL name yours. A database per domain is
    created and migrated, the demo shop is loaded, and all subgraphs run in one process behind the router.
    Ctrl-C stops everything and keeps the data.

    \b
    Examples:
      zellige dev
      zellige dev --port 4001 --data /tmp/second
      DATABASE_URL=postgresql://me@localhost/postgres zellige dev --no-demo
    """
    Session(data.absolute(), ServingOptions(config, host, port, demo), reload).run()
