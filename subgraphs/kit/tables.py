"""The base of every domain's tables, and the two tables each domain's database has from the kit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, LargeBinary, MetaData, Text, Uuid, text
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
