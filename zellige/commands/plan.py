"""`zellige plan`: what the router would ask whom."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from router.errors import ClientError, PlanningError
from router.pipeline.refuse import RefusedError
from router.pipeline.router import Router
from router.plan.printer import plan_to_map, print_plan
from router.planner import print_explanations
from router.response.result import ResponseError
from zellige.assembly.supergraph_sdl import read_supergraph
from zellige.command_app import command_app
from zellige.console import write_result
from zellige.errors import CommandFailed

app = command_app()


class Format(StrEnum):
    """How the plan is written."""

    text = "text"
    json = "json"


@app.command()
def plan(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    operation: Annotated[Path, typer.Argument(help="A file with the operation.")],
    supergraph: Annotated[Path, typer.Option(help="The supergraph SDL.")],
    variables: Annotated[str, typer.Option(help="A JSON object; only @skip and @include look at it.")] = "{}",
    operation_name: Annotated[str | None, typer.Option(help="Which one, when the file has several.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.text,
    explain: Annotated[bool, typer.Option("--explain", help="Say why each fetch exists.")] = False,
    stages: Annotated[bool, typer.Option("--stages", help="Show every stage of planning.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Check the plan against the operation.")] = False,
) -> None:
    """Prints the query plan of an operation.

    The plan says which subgraph is asked for what, in which order, and what each needs from the others.

    \b
    Examples:
      zellige plan --supergraph schema/supergraph.graphql query.graphql
      zellige plan --supergraph supergraph.graphql query.graphql --variables '{"withStock": true}'
      zellige plan --supergraph supergraph.graphql query.graphql --format json | jq .
      zellige plan --supergraph supergraph.graphql query.graphql --explain --check
      zellige plan --supergraph supergraph.graphql query.graphql --stages
    """
    try:
        query = operation.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{operation} cannot be read: {error.strerror}") from error
    router = Router(read_supergraph(supergraph), {})
    try:
        made = router.inspect(query, operation_name, _parse(variables), with_stages=stages)
    except RefusedError as refused:
        problems = "\n".join(_describe(operation, error) for error in refused.errors)
        raise CommandFailed(f"the operation is not valid.\n{problems}") from refused
    except (ClientError, PlanningError) as error:
        raise CommandFailed(f"{operation}: {error.message} ({error.code})") from error
    if check and made.problems:
        raise CommandFailed("the plan is not sound.\n" + "\n".join(f"  {line}" for line in made.problems))
    if format_ is Format.json:
        found = plan_to_map(made.plan)
        if explain:
            found["explanations"] = [asdict(one) for one in made.explanations]
        write_result(json.dumps(found, indent=2))
        return
    if stages:
        write_result("\n\n".join(f"# {name}\n{text}" for name, text in made.stages))
    else:
        write_result(print_plan(made.plan))
    if explain:
        write_result(print_explanations(made.explanations))
    if check:
        write_result("The plan is sound: every field asked is fetched, after what it needs.")


def _describe(operation: Path, error: ResponseError) -> str:
    place = f":{error.locations[0]['line']}:{error.locations[0]['column']}" if error.locations else ""
    return f"  {operation}{place}: {error.message} ({error.code})"


def _parse(variables: str) -> dict[str, Any]:
    try:
        content = json.loads(variables)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--variables is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise typer.BadParameter("--variables must be a JSON object")
    return content
