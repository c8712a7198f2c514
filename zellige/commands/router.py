"""`zellige router`: any supergraph, over HTTP subgraphs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from router.server.serve import check_tls
from router.telemetry.logs import configure_logging
from zellige.assembly.passages import read_passages
from zellige.assembly.standalone import check_supergraph
from zellige.command_app import command_app
from zellige.console import say, write_result
from zellige.errors import CommandFailed
from zellige.serving.plan import ServingPlan
from zellige.serving.process import Parent, serve_process
from zellige.serving.workers import Workers

app = command_app()
WORKERS_MAX = 256


@app.command()
def router(  # noqa: PLR0913, PLR0917 - one parameter for each option
    supergraph: Annotated[
        str | None,
        typer.Option(metavar="PATH|URL", help="The supergraph SDL; overrides supergraph.source."),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The settings, router.yaml.")] = None,
    host: Annotated[str | None, typer.Option(help="Overrides server.host.")] = None,
    port: Annotated[int | None, typer.Option(help="Overrides server.port.", min=1, max=65_535)] = None,
    subgraph_url: Annotated[
        list[str] | None, typer.Option(metavar="NAME=URL", help="Overrides the address of a subgraph.")
    ] = None,
    passage: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH=URL", help="A path that a subgraph answers itself: pages, keys."),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that share the port.", min=1, max=WORKERS_MAX)] = 1,
    check_config: Annotated[
        bool, typer.Option("--check-config", help="Checks settings and supergraph, and serves nothing.")
    ] = False,
) -> None:
    """Serves a supergraph in the join spec, from our composer or another one.

    POST and GET /graphql, GET /health (alive), GET /health/ready; GraphiQL at / where it is switched on.
    SIGTERM and Ctrl-C let requests in hand finish; a second one ends at once. A changed supergraph takes over
    without a dropped request; SIGHUP looks for it now.

    Exit codes: 0 ended as told, 1 could not serve, 2 wrong usage.

    \b
    Examples:
      zellige router --supergraph schema/supergraph.graphql
      zellige router --supergraph supergraph.graphql --config router.yaml --host 0.0.0.0 --port 8080
      zellige router --supergraph https://registry.example/shop/supergraph.graphql --workers 4
      zellige router --supergraph supergraph.graphql --subgraph-url products=http://products:8000/graphql
      zellige router --supergraph supergraph.graphql --passage /oauth=http://identity:4101
      zellige router --config router.yaml --check-config
    """
    urls = _read_urls(subgraph_url or ())
    plan = ServingPlan(config, supergraph, host, port, urls, read_passages(tuple(passage or ())))
    if check_config:
        _check(plan)
    elif workers == 1:
        serve_process(plan, Parent(lambda url: say(f"The router answers on {url}")))
    else:
        settings = plan.settings()
        configure_logging(settings.logging)
        Workers(plan, settings, workers).run()


def _check(plan: ServingPlan) -> None:
    settings = plan.settings()
    try:
        check_tls(settings.server.tls)
    except OSError as error:
        raise CommandFailed(f"server.tls: the certificates cannot be used: {error}") from error
    if plan.source is not None or settings.supergraph.source is not None:
        check_supergraph(plan.options(settings))
        write_result("The settings and the supergraph can be served.")
    else:
        write_result("The settings can be used.")


def _read_urls(arguments: Iterable[str]) -> dict[str, str]:
    urls: dict[str, str] = {}
    for argument in arguments:
        name, url = _parse(argument)
        if name in urls:
            advice = f"in a --config, list several as transport.subgraphs.{name}.url"
            raise typer.BadParameter(f"{name} is given twice; {advice}")
        urls[name] = url
    return urls


def _parse(argument: str) -> tuple[str, str]:
    name, separator, url = argument.partition("=")
    if not separator or not name or not url:
        raise typer.BadParameter(f"{argument!r} is not NAME=URL, as in products=http://products:8000/graphql")
    return name, url
