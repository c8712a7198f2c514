"""The audit domain's one table."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, MetaData, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.tables import COLUMN_TYPES, NAMING_CONVENTION


class Base(DeclarativeBase):
    """Base of the domain's tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = COLUMN_TYPES


class AuditCopyRow(Base):
    """A copy of an entry of a domain's audit trail; the table takes inserts only."""

    __tablename__ = "audit_copies"
    __table_args__ = (
        UniqueConstraint("scope", "domain", "sequence"),
        Index("ix_audit_copies_organization_id_occurred_at_id", "organization_id", "occurred_at", "id"),
        Index("ix_audit_copies_organization_id_actor_id", "organization_id", "actor_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    domain: Mapped[str]
    scope: Mapped[UUID]
    sequence: Mapped[int] = mapped_column(BigInteger)
    organization_id: Mapped[UUID | None]
    occurred_at: Mapped[datetime]
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
