"""The tables of whom notifications concern: how people are reached, what they want, and who works where."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.kit.locales import Locale
from subgraphs.kit.tables import Identified, Timestamped, Versioned
from subgraphs.notifications.model.base import Base
from subgraphs.notifications.states import Channel, DevicePlatform, Topic


class ContactRow(Timestamped, Base):
    """How a user is reached, as their identity last told; read again when a message is sent."""

    __tablename__ = "contacts"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    """E.164."""
    locale: Mapped[Locale]
    zone: Mapped[str]
    """IANA, as `Africa/Algiers`."""
    as_of: Mapped[datetime]
    """When what is written here happened; what happened before changes nothing."""


class PreferenceRow(Timestamped, Base):
    """Whether a user wants a topic over a channel; without a row they do."""

    __tablename__ = "preferences"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[Channel] = mapped_column(primary_key=True)
    topic: Mapped[Topic] = mapped_column(primary_key=True)
    is_enabled: Mapped[bool]


class QuietHoursRow(Timestamped, Versioned, Base):
    """The hours of a user's day in which nothing but critical topics leaves; they may pass midnight."""

    __tablename__ = "quiet_hours"
    __table_args__ = (CheckConstraint("starts_at <> ends_at", name="span"),)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    zone: Mapped[str]
    starts_at: Mapped[time]
    ends_at: Mapped[time]


class DeviceRow(Identified, Timestamped, Base):
    """A phone or browser that takes push messages; a token belongs to whoever registered it last."""

    __tablename__ = "devices"
    __table_args__ = (Index("ix_devices_user_id", "user_id"),)

    user_id: Mapped[UUID]
    platform: Mapped[DevicePlatform]
    token: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    registered_at: Mapped[datetime]


class MemberRow(Base):
    """Who works in which organization in which role, as identity's events tell; no role: they left."""

    __tablename__ = "members"
    __table_args__ = (Index("ix_members_user_id", "user_id"),)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str | None]
    as_of: Mapped[datetime]


class MemberRoleRow(Base):
    """What a role of an organization permits, as identity's events tell."""

    __tablename__ = "member_roles"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    as_of: Mapped[datetime]
