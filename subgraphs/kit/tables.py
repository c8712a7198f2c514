"""The base of every domain's tables, and those each domain's database has from the kit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from subgraphs.kit.ids import new_id

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

COLUMN_TYPES = {
    datetime: DateTime(timezone=True),
    UUID: Uuid(),
    str: Text(),
    bytes: LargeBinary(),
    dict[str, Any]: JSONB(),
}


class KitTable(DeclarativeBase):
    """Base of the kit's own tables, kept apart so that no domain's metadata is shared with another's."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = COLUMN_TYPES


class IdempotencyKeyRow(KitTable):
    """A request that was carried out once, and what it answered."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    response: Mapped[Any] = mapped_column(JSONB, nullable=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"), index=True)


_WAITING = text("published_at IS NULL AND poisoned_at IS NULL")


class OutboxEventRow(KitTable):
    """A domain event written with the change it tells of.

    It waits for the relay while `published_at` and `poisoned_at` are null; `attempts`, `next_attempt_at` and
    `last_error` tell of tries that failed for a reason of its own. `edition` grows when it is sent again on
    purpose, so that the bus does not take it for a repetition.
    """

    __tablename__ = "outbox_events"
    __table_args__ = (
        Index("ix_outbox_events_waiting", "sequence", postgresql_where=_WAITING),
        Index("ix_outbox_events_waiting_subject", "subject", "sequence", postgresql_where=_WAITING),
        Index("ix_outbox_events_published_at", "published_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    type: Mapped[str]
    subject: Mapped[str]
    occurred_at: Mapped[datetime]
    organization_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]]
    published_at: Mapped[datetime | None]
    traceparent: Mapped[str | None]
    tracestate: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_attempt_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    poisoned_at: Mapped[datetime | None]
    edition: Mapped[int] = mapped_column(server_default=text("0"))


class InboxEventRow(KitTable):
    """An event that a consumer of this domain has handled, written with the effect it had."""

    __tablename__ = "inbox_events"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(server_default=text("now()"), index=True)


class AuditChainRow(KitTable):
    """Where the audit trail of one scope ends: the head of its chain, locked to append.

    `announced` says how far the relay has told the others.
    """

    __tablename__ = "audit_chains"
    __table_args__ = (
        Index("ix_audit_chains_unannounced", "scope", postgresql_where=text("announced < sequence")),
    )

    scope: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
    announced: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class AuditEntryRow(KitTable):
    """One entry of the audit trail (`subgraphs.kit.audit.entry`); the table takes inserts only."""

    __tablename__ = "audit_entries"
    __table_args__ = (UniqueConstraint("scope", "sequence"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[UUID]
    sequence: Mapped[int] = mapped_column(BigInteger)
    organization_id: Mapped[UUID | None]
    occurred_at: Mapped[datetime]
    domain: Mapped[str]
    operation: Mapped[str]
    actor_type: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_service: Mapped[str | None]
    session_id: Mapped[UUID | None]
    client_address: Mapped[str | None]
    request_id: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    changes_left_out: Mapped[int]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]


class AuditChangeRow(KitTable):
    """A changed row on its way into an entry; none outlives its transaction, let alone a crash."""

    __tablename__ = "audit_changes"
    __table_args__ = (Index("ix_audit_changes_entry_id", "entry_id"), {"prefixes": ["UNLOGGED"]})

    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    entry_id: Mapped[UUID]
    table_name: Mapped[str]
    key_columns: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Identified:
    """Mixin: a UUIDv7 primary key made in Python, known before the row is written."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class Timestamped:
    """Mixin: when the row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"), onupdate=text("now()"))


class Versioned:
    """Mixin: an optimistic version. A concurrent change fails the flush; the edge says CONFLICT."""

    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}
