"""The tables of the users domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, MetaData, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.tables import COLUMN_TYPES, NAMING_CONVENTION, Identified, Timestamped, Versioned


class Base(DeclarativeBase):
    """Base of the domain's tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = COLUMN_TYPES


class ProfileRow(Timestamped, Versioned, Base):
    """What a person tells of themself. `audiences` says of each field who may see it."""

    __tablename__ = "profiles"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str | None]
    bio: Mapped[str | None]
    phone: Mapped[str | None]
    """E.164."""
    locale: Mapped[str | None]
    time_zone: Mapped[str | None]
    audiences: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    preferences: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    erased_at: Mapped[datetime | None]


class AddressRow(Identified, Timestamped, Versioned, Base):
    """An address in a person's book; of each kind of default there is at most one."""

    __tablename__ = "addresses"
    __table_args__ = (
        Index("ix_addresses_user_id", "user_id"),
        Index(
            "uq_addresses_default_billing",
            "user_id",
            unique=True,
            postgresql_where=text("is_default_billing"),
        ),
        Index(
            "uq_addresses_default_shipping",
            "user_id",
            unique=True,
            postgresql_where=text("is_default_shipping"),
        ),
    )

    user_id: Mapped[UUID]
    recipient: Mapped[str]
    line1: Mapped[str]
    line2: Mapped[str | None]
    commune: Mapped[str]
    wilaya_code: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str]
    phone: Mapped[str | None]
    is_default_billing: Mapped[bool]
    is_default_shipping: Mapped[bool]


class ConsentRow(Identified, Base):
    """A person agreed to a purpose, or took it back: a log, of which the last entry holds."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_user_id_purpose_id", "user_id", "purpose", "id"),)

    user_id: Mapped[UUID]
    purpose: Mapped[str]
    granted: Mapped[bool]
    text_version: Mapped[str]
    client_address: Mapped[str | None]
    recorded_at: Mapped[datetime]


class MemberRow(Base):
    """Who belongs to which organization, as identity told."""

    __tablename__ = "members"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
