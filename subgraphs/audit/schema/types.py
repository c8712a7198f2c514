"""Entries as the API shows them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import strawberry
from strawberry import federation
from strawberry.federation.schema_directives import Key
from strawberry.scalars import JSON

from subgraphs.audit.model.tables import AuditCopyRow

_REFERENCE = [Key(fields="id", resolvable=False)]  # pyright: ignore[reportCallIssue,reportArgumentType]  # Strawberry takes the text


@federation.type(keys=_REFERENCE)
class User:
    id: strawberry.ID


@strawberry.enum(description="What kind of caller it was.")
class AuditActorType(StrEnum):
    USER = "user"
    SERVICE = "service"
    SERVICE_ACCOUNT = "service_account"
    ANONYMOUS = "anonymous"


@strawberry.type(description="A row that was made, changed or deleted.")
class AuditChange:
    table: str
    key: JSON = strawberry.field(description="Its primary key.")
    before: JSON | None = strawberry.field(description="Null for a row that was made.")
    after: JSON | None = strawberry.field(description="Null for a row that was deleted.")

    @classmethod
    def of(cls, change: dict[str, Any]) -> AuditChange:
        """Returns the change as the API shows it."""
        return cls(table=change["table"], key=change["key"], before=change["before"], after=change["after"])


@strawberry.type(description="One privileged mutation that was carried out; entries are never changed.")
class AuditEntry:
    row: strawberry.Private[AuditCopyRow]
    id: strawberry.ID
    domain: str
    sequence: int = strawberry.field(description="The place in the organization's chain of the domain.")
    occurred_at: datetime
    operation: str
    actor_type: AuditActorType
    actor_service: str | None
    client_address: str | None
    request_id: str
    arguments: JSON = strawberry.field(description="What it was called with; secrets are blanked.")
    changes_left_out: int = strawberry.field(description="How many changed rows were too many to keep.")
    hash: str = strawberry.field(description="SHA-256 over this entry and the hash of the one before it.")

    @classmethod
    def of(cls, row: AuditCopyRow) -> AuditEntry:
        """Returns the entry as the API shows it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            domain=row.domain,
            sequence=row.sequence,
            occurred_at=row.occurred_at,
            operation=row.operation,
            actor_type=AuditActorType(row.actor_type),
            actor_service=row.actor_service,
            client_address=row.client_address,
            request_id=row.request_id,
            arguments=row.arguments,  # pyright: ignore[reportArgumentType]  # JSON is any value
            changes_left_out=row.changes_left_out,
            hash=row.hash.hex(),
        )

    @strawberry.field(description="Who did it; for a service the person it acted for.")
    def actor(self) -> User | None:
        row = self.row
        if row.actor_id is None or row.actor_type == AuditActorType.SERVICE_ACCOUNT.value:
            return None
        return User(id=strawberry.ID(str(row.actor_id)))

    @strawberry.field(description="The id of the user or the service account.")
    def actor_id(self) -> strawberry.ID | None:
        return strawberry.ID(str(self.row.actor_id)) if self.row.actor_id is not None else None

    @strawberry.field
    def changes(self) -> list[AuditChange]:
        return [AuditChange.of(change) for change in self.row.changes]
