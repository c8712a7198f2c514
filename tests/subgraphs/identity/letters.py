"""What identity's letters would say: runs the jobs it left behind and opens the tokens of its events."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from subgraphs.identity.jobs import JOBS
from subgraphs.kit.jobs.declaration import JobContext
from subgraphs.kit.sealing import event_sealing
from tests.support.subgraph import RunningSubgraph

_RUN = {job.name: job.run for job in JOBS}


async def run_requested_jobs(identity: RunningSubgraph) -> None:
    """Runs every job a transaction has left behind, as the worker would, and forgets it."""
    taken = "DELETE FROM outbox_events WHERE type = 'job.requested' RETURNING payload"
    async with identity.app.database.engine.begin() as connection:
        payloads = [row.payload for row in await connection.execute(text(taken))]
    for payload in payloads:
        await _RUN[payload["name"]](JobContext(identity.app, "test", 1), *payload["arguments"])


async def payloads_of(identity: RunningSubgraph, event_type: str) -> list[dict[str, Any]]:
    """Returns what the events of a type say, the oldest first."""
    query = text("SELECT payload FROM outbox_events WHERE type = :type ORDER BY sequence")
    async with identity.app.database.engine.connect() as connection:
        return [row.payload for row in await connection.execute(query, {"type": event_type})]


async def last_token(identity: RunningSubgraph, event_type: str, sealed_for: str, **having: str) -> str:
    """Returns the token in the last letter of a kind."""
    letters = [
        each
        for each in await payloads_of(identity, event_type)
        if all(each[name] == value for name, value in having.items())
    ]
    return event_sealing(identity.settings).open(letters[-1]["sealed_token"], sealed_for)


async def scalars(identity: RunningSubgraph, statement: str) -> list[Any]:
    """Returns the first column of a query."""
    async with identity.app.database.engine.connect() as connection:
        return list((await connection.execute(text(statement))).scalars())
