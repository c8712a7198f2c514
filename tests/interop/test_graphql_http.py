"""The published audits of GraphQL over HTTP (npm graphql-http), against the whole router on a real socket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from router.config import ServerConfig
from router.pipeline.router import Router
from router.server.app import create_app
from router.supergraph import load_supergraph
from tests.interop.node_packages import require_packages
from tests.interop.shop import RECORDS, SUBGRAPHS
from tests.server.serving import listen
from tests.support.local_subgraphs import local_federation
from tests.support.run_router import compose

PROJECT = Path(__file__).parent / "graphql-http"
AUDITS = 61
DEADLINE_S = 60


async def test_every_audit_passes() -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    supergraph = compose(SUBGRAPHS).supergraph_sdl
    assert supergraph is not None
    clients = local_federation(SUBGRAPHS, RECORDS).subgraph_clients()
    app = create_app(Router(load_supergraph(supergraph), clients), ServerConfig(), is_ready=lambda: True)
    async with listen(app) as port:
        report = await run_audits(node, f"http://127.0.0.1:{port}/graphql")
    failed = {entry["name"]: entry.get("reason") for entry in report if entry["status"] != "ok"}
    assert failed == {}
    assert len(report) == AUDITS


async def run_audits(node: str, url: str) -> list[dict[str, str]]:
    """Returns what the audit program printed."""
    process = await asyncio.create_subprocess_exec(
        node, "audit.mjs", url, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(DEADLINE_S):
        output, _ = await process.communicate()
    return json.loads(output)
