"""`zellige plan`: what the router would ask whom."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from router.errors import ClientError, PlanningError
from router.pipeline.prepare import RefusedError
from router.pipeline.router import Router
from router.plan.printer import plan_to_map, print_plan
from router.response.result import ResponseError
from zellige.assembly.standalone import read_supergraph
from zellige.command_app import command_app
from zellige.console import write_result
from zellige.errors import CommandFailed

app = command_app()


class Format(StrEnum):
    """How the plan is written."""

    text = "text"
    json = "json"


@app.command()
def plan(
    operation: Annotated[Path, typer.Argument(help="A file with the operation.")],
    supergraph: Annotated[Path, typer.Option(help="The supergraph SDL.")],
    variables: Annotated[str, typer.Option(help="A JSON object; only @skip and @include look at it.")] = "{}",
    operation_name: Annotated[str | None, typer.Option(help="Which one, when the file has several.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.text,
) -> None:
    """Prints the query plan of an operation.

    The plan says which subgraph is asked for what, in which order, and what each needs from the others.

    \b
    Examples:
      zellige plan --supergraph schema/supergraph.graphql query.graphql
      zellige plan --supergraph supergraph.graphql query.graphql --variables '{"withStock": true}'
      zellige plan --supergraph supergraph.graphql query.graphql --format json | jq .
    """
    try:
        query = operation.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{operation} cannot be read: {error.strerror}") from error
    router = Router(read_supergraph(supergraph), {})
    try:
        made = router.plan(query, operation_name, _parse(variables))
    except RefusedError as refused:
        problems = "\n".join(_describe(operation, error) for error in refused.errors)
        raise CommandFailed(f"the operation is not valid.\n{problems}") from refused
    except (ClientError, PlanningError) as error:
        raise CommandFailed(f"{operation}: {error.message} ({error.code})") from error
    write_result(print_plan(made) if format_ is Format.text else json.dumps(plan_to_map(made), indent=2))


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
