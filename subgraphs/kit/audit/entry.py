"""One entry of the audit trail and the hash that ties it to the one before."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

GENESIS = bytes(32)
"""What the first entry of a chain names as the hash before it."""
PLATFORM_SCOPE = UUID(int=0)
"""The chain of what belongs to no organization and no user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what, when, from where; what rows it changed; and its place in the chain of `scope`.

    `scope` is the organization, else the user, else the platform. `actor_type` is user, service,
    service_account or anonymous.
    `changes` are `{table, key, before, after}`, of which only differing columns are kept;
    `changes_left_out` counts those beyond the limit.
    """

    id: UUID
    scope: UUID
    sequence: int
    organization_id: UUID | None
    occurred_at: datetime
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
    previous_hash: bytes

    def digest(self) -> bytes:
        """Returns SHA-256 over the previous hash and the entry's canonical JSON (keys sorted, UTC times)."""
        content = asdict(self)
        content["occurred_at"] = self.occurred_at.astimezone(UTC).isoformat(timespec="microseconds")
        previous = content.pop("previous_hash")
        text = orjson.dumps(content, default=str, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(previous + text).digest()

    @classmethod
    def of(cls, row: Any) -> AuditEntry:
        """Returns the entry that a row of the table tells."""
        return cls(**{each.name: getattr(row, each.name) for each in fields(cls)})
