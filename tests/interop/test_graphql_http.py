"""The published audits of GraphQL over HTTP (npm graphql-http), against the edge on a real socket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.interop.node_packages import require_packages
from tests.server.serving import serve

PROJECT = Path(__file__).parent / "graphql-http"
AUDITS = 61
DEADLINE_S = 60


async def test_every_audit_passes() -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    async with serve() as served:
        process = await asyncio.create_subprocess_exec(
            node,
            "audit.mjs",
            f"http://127.0.0.1:{served.port}/graphql",
            cwd=PROJECT,
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(DEADLINE_S):
            output, _ = await process.communicate()
    report = json.loads(output)
    failed = {entry["name"]: entry.get("reason") for entry in report if entry["status"] != "ok"}
    assert failed == {}
    assert len(report) == AUDITS
