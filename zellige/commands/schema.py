"""`zellige schema`: the exported schemas, written and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zellige.assembly.schemas import diff_schemas, make_schemas, write_schemas
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import say, write_result
from zellige.errors import CommandFailed

app = command_app(
    no_args_is_help=True, help="Exports the schemas of the code, or checks that the files are fresh."
)

ConfigOption = Annotated[Path, typer.Option(help="The file that names the subgraphs.")]


@app.command()
def export(config: ConfigOption = DEFAULT_PATH) -> None:
    """Writes each subgraph's SDL, supergraph.graphql and api.graphql beside the supergraph file.

    \b
    Example:
      zellige schema export
    """
    changed = write_schemas(_schemas_of(config))
    for path in changed:
        say(f"{path} written.")
    if not changed:
        say("The exported schemas were fresh already.")


@app.command()
def check(config: ConfigOption = DEFAULT_PATH) -> None:
    """Compares the files with the code; prints the difference and exits with 1 when they differ.

    \b
    Example:
      zellige schema check
    """
    difference = diff_schemas(_schemas_of(config))
    if difference:
        write_result(difference)
        raise CommandFailed(
            "The exported schemas are stale. Run `zellige schema export` and read the difference"
        )
    say("The exported schemas are fresh.")


def _schemas_of(config: Path) -> dict[Path, str]:
    return make_schemas(config.parent, read_supergraph_file(config))
