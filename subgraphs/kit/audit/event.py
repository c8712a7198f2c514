"""What every domain tells of its audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecorded(Event):
    """A privileged mutation was carried out; the subject is the chain: organization, user or platform.

    `hash` is the hexadecimal SHA-256 of the entry, `previous_hash` that of the one before it in the chain of
    the same domain.
    """

    type: ClassVar[str] = "audit.recorded"

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
