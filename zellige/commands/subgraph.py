"""`zellige subgraph`: one domain as a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from zellige.assembly.domains import create_domain, pick_domains, settings_with_own_keys
from zellige.assembly.logs import log_for_reader
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file
from zellige.command_app import command_app
from zellige.console import say

app = command_app()


@app.command()
def subgraph(
    name: Annotated[str, typer.Argument(help="The domain, as schema/supergraph.yaml names it.")],
    port: Annotated[int, typer.Option(help="Where it answers.", min=1, max=65_535)],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    config: Annotated[Path, typer.Option(help="The file that names the subgraphs.")] = DEFAULT_PATH,
) -> None:
    """Serves one domain over HTTP.

    POST /graphql (also as an event stream, and over WebSocket), GET /health, GET /health/ready. Settings come
    from the environment: DATABASE_URL, REDIS_URL, ZELLIGE_JWKS (the public keys of identity: URL, file or
    JSON), ZELLIGE_SIGNING_KEY (identity only), ZELLIGE_INTERNAL_SECRET, ZELLIGE_ROUTER_URL.
    Run `zellige migrate` before.

    \b
    Examples:
      zellige subgraph products --port 4102
      ZELLIGE_ROUTER_URL=http://router:4000/graphql zellige subgraph orders --host 0.0.0.0 --port 4104
    """
    (entry,) = pick_domains(read_supergraph_file(config), name)
    log_for_reader()
    domain = create_domain(entry, settings_with_own_keys())
    say(f"{name} answers on http://{host}:{port}/graphql")
    uvicorn.run(domain.asgi, host=host, port=port, log_level="warning", ws="websockets-sansio")
