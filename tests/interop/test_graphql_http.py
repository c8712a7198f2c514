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
# Beside "MAY use 400 status code ...", which the draft answers 422.
DIFFERS_IN_DRAFT = {
    "SHOULD use 200 status code on document parsing failure when accepting application/json",
    "SHOULD use 200 status code on document validation failure when accepting application/json",
    "SHOULD use a status code of 200 on variable coercion failure when accepting application/json",
    (
        "SHOULD use a status code of 400 on variable coercion failure when accepting "
        "application/graphql-response+json"
    ),
}


async def audit(config: ServerConfig) -> list[dict[str, str]]:
    """Serves the shop with these settings and returns what the audits say."""
    node = await asyncio.to_thread(require_packages, PROJECT)
    supergraph = compose(SUBGRAPHS).supergraph_sdl
    assert supergraph is not None
    clients = local_federation(SUBGRAPHS, RECORDS).subgraph_clients()
    app = create_app(Router(load_supergraph(supergraph), clients), config, is_ready=lambda: True)
    async with listen(app) as port:
        report = await run_audits(node, f"http://127.0.0.1:{port}/graphql")
    assert len(report) == AUDITS
    return report


async def test_every_audit_passes() -> None:
    failed = {one["name"]: one.get("reason") for one in await audit(ServerConfig()) if one["status"] != "ok"}
    assert failed == {}


async def test_the_draft_differs_where_it_has_other_statuses() -> None:
    """The audits are older than the draft; what the two disagree about stands here, and nothing else."""
    report = await audit(ServerConfig(status_policy="draft"))
    differing = {one["name"] for one in report if one["status"] != "ok"}
    optional = {name for name in differing if name.startswith("MAY use 400 status code")}
    assert differing - optional == DIFFERS_IN_DRAFT
    assert len(optional) == 18
    assert not [one for one in report if one["status"] == "error"]


async def run_audits(node: str, url: str) -> list[dict[str, str]]:
    """Returns what the audit program printed."""
    process = await asyncio.create_subprocess_exec(
        node, "audit.mjs", url, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(DEADLINE_S):
        output, _ = await process.communicate()
    return json.loads(output)
