"""The tables of the OAuth provider: clients, what people consented to, and what was issued for it.

Of every secret only SHA-256 is kept; each has 256 random bits, so a fast hash is enough.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.identity.model.base import Base
from subgraphs.kit.tables import Identified, Timestamped, Versioned

_TEXTS = ARRAY(Text())


class OauthClientRow(Identified, Timestamped, Versioned, Base):
    """A program that an organization registered; without a secret it is a public one (a browser, a phone)."""

    __tablename__ = "oauth_clients"
    __table_args__ = (Index("ix_oauth_clients_organization_id", "organization_id"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    name: Mapped[str]
    secret_hash: Mapped[bytes | None]
    redirect_uris: Mapped[list[str]] = mapped_column(_TEXTS)
    grant_types: Mapped[list[str]] = mapped_column(_TEXTS)
    scopes: Mapped[list[str]] = mapped_column(_TEXTS)
    disabled_at: Mapped[datetime | None]


class OauthLoginRow(Identified, Base):
    """A browser in which somebody is logged in at the provider's pages, over one of their sessions."""

    __tablename__ = "oauth_logins"
    __table_args__ = (Index("ix_oauth_logins_session_id", "session_id"),)

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    authenticated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    wrong_codes: Mapped[int]


class OauthConsentRow(Base):
    """What a person lets a client do."""

    __tablename__ = "oauth_consents"
    __table_args__ = (Index("ix_oauth_consents_client_id", "client_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    client_id: Mapped[UUID] = mapped_column(
        ForeignKey("oauth_clients.id", ondelete="CASCADE"), primary_key=True
    )
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    scopes: Mapped[list[str]] = mapped_column(_TEXTS)
    granted_at: Mapped[datetime]


class OauthGrantRow(Identified, Base):
    """What one authorization led to: all tokens of it end together. Its id is the `sid` of access tokens."""

    __tablename__ = "oauth_grants"
    __table_args__ = (
        Index("ix_oauth_grants_user_id", "user_id"),
        Index("ix_oauth_grants_client_id", "client_id"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    scopes: Mapped[list[str]] = mapped_column(_TEXTS)
    authenticated_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]


class OauthCodeRow(Identified, Base):
    """An authorization code, good once; a second use ends what the first one led to."""

    __tablename__ = "oauth_codes"
    __table_args__ = (Index("ix_oauth_codes_expires_at", "expires_at"),)

    code_hash: Mapped[bytes] = mapped_column(unique=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    redirect_uri: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(_TEXTS)
    code_challenge: Mapped[str]
    nonce: Mapped[str | None]
    authenticated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("oauth_grants.id", ondelete="CASCADE"))


class OauthRefreshTokenRow(Identified, Base):
    """A refresh token of a grant, good once."""

    __tablename__ = "oauth_refresh_tokens"
    __table_args__ = (Index("ix_oauth_refresh_tokens_grant_id", "grant_id"),)

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_grants.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OauthDeviceRow(Identified, Base):
    """A device that waits for somebody to type its code elsewhere: pending, approved, denied or used."""

    __tablename__ = "oauth_devices"
    __table_args__ = (Index("ix_oauth_devices_expires_at", "expires_at"),)

    device_code_hash: Mapped[bytes] = mapped_column(unique=True)
    user_code: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"))
    scopes: Mapped[list[str]] = mapped_column(_TEXTS)
    status: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    authenticated_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    interval_s: Mapped[int]
    polled_at: Mapped[datetime | None]


class ExternalIdentityRow(Identified, Base):
    """An account at another provider by which a user logs in."""

    __tablename__ = "external_identities"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index("ix_external_identities_user_id", "user_id"),
    )

    issuer: Mapped[str]
    subject: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str | None]
    created_at: Mapped[datetime]
