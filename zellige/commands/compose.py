"""`zellige compose`: subgraph schemas in, supergraph out."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from router.composition.compose import Composition, compose_supergraph
from router.composition.contract import Contract
from router.composition.diagnostics import render_json, render_text
from router.composition.options import CompositionOptions
from router.composition.source import SubgraphSource
from zellige.assembly.composition import source_of_file, sources_of_entries
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import say, speech, write_result
from zellige.stage_progress import StageProgress

app = command_app()


class Format(StrEnum):
    """How the outcome is written."""

    text = "text"
    json = "json"


@app.command()
def compose(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    subgraphs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=FILE]...", help="Subgraph schemas; instead of --config."),
    ] = None,
    config: Annotated[Path, typer.Option(help="The file that names the subgraphs.")] = DEFAULT_PATH,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the supergraph here.")] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="text: SDL; json: SDL and diagnostics.")
    ] = Format.text,
    include_tags: Annotated[
        list[str] | None, typer.Option(metavar="TAG,...", help="Show only what carries one of these @tags.")
    ] = None,
    exclude_tags: Annotated[
        list[str] | None, typer.Option(metavar="TAG,...", help="Hide what carries one of these @tags.")
    ] = None,
    hide_unreachable_types: Annotated[
        bool, typer.Option(help="With tags: hide the types no visible field leads to.")
    ] = True,
    all_hints: Annotated[bool, typer.Option("--all-hints", help="Print hints of level DEBUG too.")] = False,
) -> None:
    """Composes Apollo Federation subgraphs into one supergraph.

    The supergraph SDL goes to standard output (or --output), diagnostics to standard error, each with its
    code, file:line:column and an excerpt. Exit code 1 when the subgraphs do not compose.

    With --include-tags or --exclude-tags it is the supergraph of a contract: clients see only that part.

    \b
    Examples:
      zellige compose
      zellige compose -o supergraph.graphql
      zellige compose products=products.graphql reviews=reviews.graphql
      zellige compose --include-tags public --exclude-tags beta,internal -o public.graphql
      zellige compose --format json | jq '.diagnostics[].code'
    """
    sources = (
        [_parse(argument) for argument in subgraphs]
        if subgraphs
        else sources_of_entries(read_supergraph_file(config))
    )
    contract = _contract(include_tags or (), exclude_tags or (), hides_unreachable=hide_unreachable_types)
    with StageProgress() as progress:
        composition = compose_supergraph(sources, CompositionOptions(contract=contract, progress=progress))
    if format_ is Format.json:
        _write_json(composition, output)
    else:
        _write_text(composition, output, all_hints=all_hints)
    if composition.supergraph_sdl is None:
        raise typer.Exit(1)


def _parse(argument: str) -> SubgraphSource:
    name, separator, file = argument.partition("=")
    if not separator or not name or not file:
        raise typer.BadParameter(f"{argument!r} is not NAME=FILE, as in products=products.graphql")
    return source_of_file(name, Path(file))


def _contract(include: Sequence[str], exclude: Sequence[str], *, hides_unreachable: bool) -> Contract | None:
    if not include and not exclude:
        return None
    return Contract(_split(include), _split(exclude), hides_unreachable)


def _split(options: Sequence[str]) -> frozenset[str]:
    tags = [tag.strip() for option in options for tag in option.split(",")]
    if "" in tags:
        raise typer.BadParameter("a tag is empty; write tags as a,b")
    return frozenset(tags)


def _write_text(composition: Composition, output: Path | None, *, all_hints: bool) -> None:
    shown = [found for found in composition.diagnostics if all_hints or found.level != "DEBUG"]
    if shown:
        sys.stderr.write(render_text(shown, colour=speech.is_terminal and not speech.no_color) + "\n")
    if composition.supergraph_sdl is None:
        errors = sum(diagnostic.is_error for diagnostic in composition.diagnostics)
        say(f"\nThe subgraphs do not compose: {errors} error{'s' if errors != 1 else ''}.")
    elif output is None:
        write_result(composition.supergraph_sdl)
    else:
        output.write_text(composition.supergraph_sdl, encoding="utf-8")
        say(f"{output} written.")


def _write_json(composition: Composition, output: Path | None) -> None:
    if output is not None and composition.supergraph_sdl is not None:
        output.write_text(composition.supergraph_sdl, encoding="utf-8")
    outcome = {
        "supergraphSdl": composition.supergraph_sdl,
        "apiSdl": composition.api_sdl,
        "diagnostics": render_json(composition.diagnostics),
    }
    write_result(json.dumps(outcome, indent=2, ensure_ascii=False))
