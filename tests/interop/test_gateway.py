"""Our composition, served by another gateway (npm @apollo/gateway), answers as our router does."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from router.config import ServerConfig
from router.executor.transport.client import SubgraphRequest
from router.executor.transport.http import HttpClient
from router.pipeline.router import Router
from router.server.app import create_app
from router.supergraph import load_supergraph
from tests.interop.node_packages import require_packages
from tests.interop.shop import OPERATIONS, RECORDS, SUBGRAPHS
from tests.server.serving import listen
from tests.support.local_subgraphs import local_federation
from tests.support.local_subgraphs_http import serve_subgraphs
from tests.support.run_router import compose

PROJECT = Path(__file__).parent / "gateway"
DEADLINE_S = 60


@contextlib.asynccontextmanager
async def other_gateway(node: str, supergraph: Path, urls: Mapping[str, str]) -> AsyncIterator[str]:
    """Serves the supergraph with the npm gateway; yields its URL."""
    process = await asyncio.create_subprocess_exec(
        node,
        "serve-gateway.mjs",
        str(supergraph),
        "0",
        *(f"{name}={url}" for name, url in urls.items()),
        cwd=PROJECT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(DEADLINE_S):
            url = (await process.stdout.readline()).decode().strip()
        assert url, "the gateway ended before it served"
        yield url
    finally:
        process.stdin.close()
        async with asyncio.timeout(DEADLINE_S):
            await process.wait()


@contextlib.asynccontextmanager
async def our_router(supergraph_sdl: str, urls: Mapping[str, str]) -> AsyncIterator[str]:
    """Serves the supergraph with our router, by its own edge and transport; yields its URL."""
    router = Router(
        load_supergraph(supergraph_sdl), {name: HttpClient(name, url) for name, url in urls.items()}
    )
    app = create_app(router, ServerConfig(), is_ready=lambda: True)
    async with listen(app) as port:
        yield f"http://127.0.0.1:{port}/graphql"
    await router.close()


async def ask(url: str, operation: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    """Returns the data and the paths of the errors."""
    client = HttpClient("gateway", url)
    try:
        response = await client.execute(
            SubgraphRequest(operation["query"], operation.get("variables"), is_mutation=True)
        )
    finally:
        await client.close()
    return response.data, sorted(json.dumps(error.get("path")) for error in response.errors)


async def test_both_gateways_answer_alike(tmp_path: Path) -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    supergraph = compose(SUBGRAPHS).supergraph_sdl
    assert supergraph is not None
    path = tmp_path / "supergraph.graphql"
    path.write_text(supergraph)
    federation = local_federation(SUBGRAPHS, RECORDS)
    with serve_subgraphs(federation.clients) as urls:
        async with other_gateway(node, path, urls) as theirs, our_router(supergraph, urls) as ours:
            for name, operation in OPERATIONS.items():
                expected = await ask(theirs, operation)
                assert await ask(ours, operation) == expected, name
                assert expected[0] is not None, name
    assert federation.log.complaints == []
    assert len(OPERATIONS) >= 10
