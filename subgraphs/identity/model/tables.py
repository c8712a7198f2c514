"""Identity's tables."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, MetaData, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from subgraphs.kit.tables import COLUMN_TYPES, NAMING_CONVENTION, Identified, Timestamped, Versioned


class Base(DeclarativeBase):
    """Base of identity's tables."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = COLUMN_TYPES


class UserRow(Identified, Timestamped, Versioned, Base):
    """A person who can log in."""

    __tablename__ = "users"

    email: Mapped[str]
    """As the person wrote it; for letters, not for comparison."""
    email_normalized: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[str]
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]


class OrganizationRow(Identified, Timestamped, Versioned, Base):
    """A tenant."""

    __tablename__ = "organizations"

    name: Mapped[str]


class RoleRow(Identified, Timestamped, Versioned, Base):
    """A named set of permissions in one organization; a built-in one takes them from the code."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    name: Mapped[str]
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    built_in: Mapped[bool]


class MembershipRow(Timestamped, Base):
    """A user's place in an organization; one role each."""

    __tablename__ = "memberships"
    __table_args__ = (Index("ix_memberships_user_id", "user_id"), Index("ix_memberships_role_id", "role_id"))

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("roles.id"))

    role: Mapped[RoleRow] = relationship(lazy="raise")


class SessionRow(Identified, Base):
    """One log-in and all the refresh tokens that follow from it: the family."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_id", "user_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """The absolute end, however often the session is refreshed."""
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]


class RefreshTokenRow(Identified, Base):
    """One refresh token, by its hash alone."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("ix_refresh_tokens_session_id", "session_id"),
        # At most one live token per family, whatever the code believes.
        Index("uq_refresh_tokens_live", "session_id", unique=True, postgresql_where=text("used_at IS NULL")),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
