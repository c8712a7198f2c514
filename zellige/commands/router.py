"""`zellige router`: any supergraph, over HTTP subgraphs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from router.telemetry.logs import configure_logging
from zellige.assembly.standalone import create_standalone_router, read_config, read_supergraph
from zellige.command_app import command_app
from zellige.console import say

app = command_app()
SHUTDOWN_SECONDS_MAX = 20


@app.command()
def router(
    supergraph: Annotated[Path, typer.Option(help="The supergraph SDL.")],
    config: Annotated[Path | None, typer.Option(help="The settings, router.yaml.")] = None,
    host: Annotated[str | None, typer.Option(help="Overrides server.host.")] = None,
    port: Annotated[int | None, typer.Option(help="Overrides server.port.", min=1, max=65_535)] = None,
    subgraph_url: Annotated[
        list[str] | None, typer.Option(metavar="NAME=URL", help="Overrides the address of a subgraph.")
    ] = None,
) -> None:
    """Serves a supergraph in the join spec, from our composer or another one.

    POST and GET /graphql, GraphiQL at /, GET /health (alive), GET /health/ready. SIGTERM and Ctrl-C let
    requests in hand finish.

    \b
    Examples:
      zellige router --supergraph schema/supergraph.graphql
      zellige router --supergraph supergraph.graphql --config router.yaml --host 0.0.0.0 --port 8080
      zellige router --supergraph supergraph.graphql --subgraph-url products=http://products:8000/graphql
    """
    settings = read_config(config)
    changed = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update={"server": settings.server.model_copy(update=changed)})
    urls = dict(_parse(argument) for argument in subgraph_url or ())
    configure_logging(settings.logging)
    application = create_standalone_router(read_supergraph(supergraph), settings, urls)
    say(f"The router answers on http://{settings.server.host}:{settings.server.port}{settings.server.path}")
    uvicorn.run(
        application,
        host=settings.server.host,
        port=settings.server.port,
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
    )


def _parse(argument: str) -> tuple[str, str]:
    name, separator, url = argument.partition("=")
    if not separator or not name or not url:
        raise typer.BadParameter(f"{argument!r} is not NAME=URL, as in products=http://products:8000/graphql")
    return name, url
