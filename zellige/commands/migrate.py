"""`zellige migrate`: databases created and brought up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from subgraphs.kit.migrations import create_database, upgrade
from subgraphs.kit.settings import KitSettings
from zellige.assembly.domains import pick_domains
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import progress, say
from zellige.errors import CommandFailed

app = command_app()


@app.command()
def migrate(
    name: Annotated[str | None, typer.Argument(help="One domain; all of them when left out.")] = None,
    config: Annotated[Path, typer.Option(help="The file that names the subgraphs.")] = DEFAULT_PATH,
) -> None:
    """Creates each domain's database and migrates it to the newest revision.

    The server is the one of DATABASE_URL; DATABASE_URL_<DOMAIN> moves one domain elsewhere. Safe to run
    twice, and from several places at once.

    \b
    Examples:
      DATABASE_URL=postgresql://me:secret@db:5432/postgres zellige migrate
      zellige migrate orders
    """
    settings = KitSettings()
    for entry in pick_domains(read_supergraph_file(config), name):
        try:
            with progress(f"Migrating {entry.name}"):
                create_database(settings, entry.name)
                upgrade(settings, entry.name)
        except (SQLAlchemyError, OSError) as error:
            server = settings.server_url(entry.name).render_as_string(hide_password=True)
            raise CommandFailed(f"{entry.name} could not be migrated on {server}: {error}") from error
        say(f"{entry.name} is up to date.")
