"""Apollo Client (npm) reads our answers in parts, in either format, from the router on a real socket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from router.config import ServerConfig
from router.pipeline.router import Router
from router.server.app import create_app
from router.supergraph import load_supergraph
from tests.interop.node_packages import require_packages
from tests.interop.shop import RECORDS, SUBGRAPHS
from tests.server.serving import listen
from tests.support.local_subgraphs import local_federation
from tests.support.run_router import Request, RouterUnderTest, compose

PROJECT = Path(__file__).parent / "apollo-client"
DEADLINE_S = 60
ACCEPTED = {
    "previous": "multipart/mixed;deferSpec=20220824",
    "current": "multipart/mixed;incrementalSpec=v0.2",
}
QUERIES = {
    "nested, under a list": """
        query Read { products { id ... @defer(label: "a") { name stock ... @defer(label: "b") {
          reviews { id text author { id ... @defer(label: "c") { name email } } } } } } }
    """,
    "fragments that share fields": """
        query Read { me { id name ...A @defer ...B @defer } }
        fragment A on User { name favourite { id name } }
        fragment B on User { email favourite { id stock } }
    """,
    "root fields": "query Read { me { id } ... @defer { products { id shipping category { slug title } } } }",
    "types of a union": """
        query Read {
          recent { __typename ... on Product @defer { id stock } ... on User @defer { id email } }
        }
    """,
}


@pytest.mark.parametrize("format_", ["previous", "current"])
@pytest.mark.parametrize("name", QUERIES)
async def test_the_client_puts_the_answer_together(name: str, format_: str) -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    sdl = compose(SUBGRAPHS).supergraph_sdl
    assert sdl is not None
    federation = local_federation(SUBGRAPHS, RECORDS)
    router = Router(load_supergraph(sdl), federation.subgraph_clients())
    async with listen(create_app(router, ServerConfig(), is_ready=lambda: True)) as port:
        seen = await read_parts(node, f"http://127.0.0.1:{port}/graphql", format_, QUERIES[name])
    assert seen["accepted"][0].replace("; ", ";").startswith(ACCEPTED[format_])
    whole = await RouterUnderTest(sdl, federation.subgraph_clients(), federation.log).execute(
        Request(QUERIES[name])
    )
    assert seen["shown"][0]["dataState"] == "streaming"
    assert seen["shown"][0]["data"] != whole.data
    assert without_typenames(seen["shown"][-1]["data"]) == without_typenames(whole.data)
    assert [one["errors"] for one in seen["shown"]] == [[]] * len(seen["shown"])


def without_typenames(value: Any) -> Any:
    """Returns the data without the types that the client asks for itself."""
    if isinstance(value, dict):
        return {key: without_typenames(item) for key, item in value.items() if key != "__typename"}
    if isinstance(value, list):
        return [without_typenames(item) for item in value]
    return value


async def read_parts(node: str, url: str, format_: str, query: str) -> Any:
    """Returns what the client program printed."""
    process = await asyncio.create_subprocess_exec(
        node, "read-parts.mjs", url, format_, query, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(DEADLINE_S):
        output, _ = await process.communicate()
    return json.loads(output)
