"""`zellige schema`: the exported schemas, written and checked."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from router.composition.diagnostics import render_text
from zellige.assembly.event_contracts import render_contract_changes
from zellige.assembly.schema_check import (
    api_changes,
    check_schemas,
    check_to_map,
    describe_check,
)
from zellige.assembly.schemas import CodeSchemas, make_schemas, remove_files, write_schemas
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import say, write_result
from zellige.errors import CommandFailed

app = command_app(
    no_args_is_help=True, help="Exports the schemas of the code, or checks that the files are fresh."
)

ConfigOption = Annotated[Path, typer.Option(help="The file that names the subgraphs.")]


class Format(StrEnum):
    """How the findings are written."""

    text = "text"
    json = "json"


@app.command()
def export(
    config: ConfigOption = DEFAULT_PATH,
    allow_breaking: Annotated[
        bool, typer.Option("--allow-breaking", help="Write events that break their listeners, too.")
    ] = False,
) -> None:
    """Writes each subgraph's SDL, supergraph.graphql, api.graphql, the events' contracts, router-config.json.

    They stand beside the supergraph file. Says which changes break clients of the API schema that stood
    there, and writes all the same: `zellige schema check --against` is what guards a release. Events are read
    by services nobody asks first: what breaks their listeners is refused, unless --allow-breaking.

    \b
    Examples:
      zellige schema export
      zellige schema export --allow-breaking
    """
    schemas = _schemas_of(config)
    if not schemas.composition.ok:
        raise CommandFailed("The subgraphs do not compose.\n" + render_text(schemas.composition.diagnostics))
    contracts = schemas.events.changes_since(schemas.events.folder)
    if contracts and not allow_breaking:
        raise CommandFailed(
            f"Nothing was written: events would break their listeners.\n{render_contract_changes(contracts)}"
        )
    breaking = [change for change in api_changes(schemas, None) if change.severity == "breaking"]
    changed = write_schemas(schemas.files())
    for path in changed:
        say(f"{path} written.")
    for path in (gone := schemas.events.gone()):
        say(f"{path} removed.")
    remove_files(gone)
    if not changed and not gone:
        say("The exported schemas were fresh already.")
    for change in breaking:
        say(f"This breaks {change.clients}: {change.message}", style="yellow")


@app.command()
def check(
    config: ConfigOption = DEFAULT_PATH,
    against: Annotated[
        Path | None,
        typer.Option(help="Compare with this API schema, - for standard input; else with api.graphql."),
    ] = None,
    events_against: Annotated[
        Path | None,
        typer.Option(help="Compare with the event contracts in this folder; else with the exported ones."),
    ] = None,
    allow_breaking: Annotated[
        bool, typer.Option("--allow-breaking", help="List breaking changes, and accept them.")
    ] = False,
    format_: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.text,
) -> None:
    """Checks what the code makes: that it composes, breaks nobody and is what the files say.

    Exit code 1 when the subgraphs do not compose, when the API schema breaks clients of the one checked in or
    an event breaks its listeners (unless --allow-breaking), or when the exported files are stale.

    \b
    Examples:
      zellige schema check
      git show origin/main:schema/api.graphql | zellige schema check --against -
      zellige schema check --against released.graphql --allow-breaking
      zellige schema check --events-against ../main/schema/events
      zellige schema check --format json | jq '.breaking[].coordinate'
    """
    found = check_schemas(_schemas_of(config), against, events_against)
    refusals = found.refusals(allow_breaking=allow_breaking)
    if format_ is Format.json:
        write_result(json.dumps(check_to_map(found, refusals), indent=2, ensure_ascii=False))
    else:
        text = describe_check(found)
        if text:
            write_result(text)
    if refusals:
        raise CommandFailed(". ".join(refusals))
    clients = "its breaking changes are accepted" if found.breaking else "it breaks no client"
    say(f"The code composes, {clients}, and the exported schemas are fresh.")


def _schemas_of(config: Path) -> CodeSchemas:
    return make_schemas(config.parent, read_supergraph_file(config))
