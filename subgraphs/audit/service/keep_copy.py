"""Keeping a copy of an entry."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.audit.model.queries import insert_copy


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an `audit.recorded` event says."""

    entry_id: UUID
    sequence: int
    domain: str
    operation: str
    actor_type: str
    actor_id: UUID | None
    actor_service: str | None
    session_id: UUID | None
    client_address: str | None
    request_id: str
    arguments: dict[str, Any]
    changes: list[dict[str, Any]]
    changes_left_out: int
    previous_hash: str
    hash: str


async def keep_copy(
    session: AsyncSession, recorded: Recorded, scope: str, organization_id: UUID | None, occurred_at: datetime
) -> None:
    """Writes the copy; one that is there already stays as it is."""
    values = asdict(recorded)
    values |= {
        "id": values.pop("entry_id"),
        "scope": UUID(scope),
        "organization_id": organization_id,
        "occurred_at": occurred_at,
        "previous_hash": bytes.fromhex(recorded.previous_hash),
        "hash": bytes.fromhex(recorded.hash),
    }
    await insert_copy(session, values)
