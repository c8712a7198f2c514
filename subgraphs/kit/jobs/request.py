"""Leaving a job behind in a transaction: it is asked for when, and only when, the transaction commits.

The request is a row of the outbox; the relay hands it to the queue instead of the bus, at least once. Its key
is the row's own id unless another is given, so that the job is queued once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.kit.jobs.queue import JobQueue
from subgraphs.kit.tables import OutboxEventRow

JOB_REQUESTED = "job.requested"


async def request_job(
    session: AsyncSession,
    name: str,
    *arguments: Any,
    now: datetime,
    key: str | None = None,
    after_s: float = 0.0,
) -> None:
    """Asks for a job of the same domain, in the caller's transaction; arguments are JSON values."""
    row_id = new_id()
    await session.execute(
        insert(OutboxEventRow),
        [
            {
                "id": row_id,
                "type": JOB_REQUESTED,
                # Requests keep no order among themselves, so each is a subject of its own.
                "subject": str(row_id),
                "occurred_at": now,
                "payload": {
                    "name": name,
                    "arguments": list(arguments),
                    "key": key if key is not None else str(row_id),
                    "after_s": after_s,
                },
            }
        ],
    )


async def enqueue_requested(queue: JobQueue, payload: Mapping[str, Any]) -> None:
    """Asks the queue for what a transaction has left behind."""
    await queue.enqueue(
        payload["name"], *payload["arguments"], key=payload["key"], after_s=payload["after_s"]
    )
