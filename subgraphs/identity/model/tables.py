"""Identity's tables."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from subgraphs.identity.model import oauth_tables as _oauth_tables  # noqa: F401 - of the same metadata
from subgraphs.identity.model.base import Base
from subgraphs.kit.tables import Identified, Timestamped, Versioned


class UserRow(Identified, Timestamped, Versioned, Base):
    """A person who can log in."""

    __tablename__ = "users"

    email: Mapped[str]
    """As the person wrote it; for letters, not for comparison."""
    email_normalized: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[str]
    password_hash: Mapped[str]
    password_changed_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    """By the platform; only the platform can undo it."""
    deactivated_at: Mapped[datetime | None]
    """By the person; a password reset by e-mail opens the account again."""
    deleted_at: Mapped[datetime | None]
    """The row stays, without anything that says who it was, for what others have recorded about its id."""

    @property
    def is_open(self) -> bool:
        """Whether the person may come in."""
        return self.disabled_at is None and self.deactivated_at is None and self.deleted_at is None


class OrganizationRow(Identified, Timestamped, Versioned, Base):
    """A tenant."""

    __tablename__ = "organizations"

    name: Mapped[str]
    mfa_required: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether only those who have shown a second factor act in it."""


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
    organization: Mapped[OrganizationRow] = relationship(lazy="raise")


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
    authenticated_at: Mapped[datetime]
    """When the person last proved who they are, at the log-in or by a step-up."""
    second_factor_at: Mapped[datetime | None]
    """When they last showed a second factor."""
    methods: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("'{}'"))
    """How they came in, by the names of RFC 8176."""
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    last_seen_at: Mapped[datetime]
    cookie_hash: Mapped[bytes | None] = mapped_column(unique=True)
    """Of a browser's cookie, which stands in the place of both tokens."""


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


class OneTimeTokenRow(Identified, Base):
    """What a link in a letter carries, by its hash: good once, for one purpose, for a while."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (Index("ix_one_time_tokens_user_id_purpose", "user_id", "purpose"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    email_normalized: Mapped[str]
    """The address it was sent to; it proves that one and no other."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class EmailChangeRow(Identified, Base):
    """A change of address under way; it happens when both addresses have agreed."""

    __tablename__ = "email_changes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    email: Mapped[str]
    email_normalized: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]


class LoginChallengeRow(Identified, Base):
    """A log-in that waits for its second factor; it ends with the answer, or with a few wrong ones."""

    __tablename__ = "login_challenges"
    __table_args__ = (Index("ix_login_challenges_user_id", "user_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    organization_id: Mapped[UUID | None]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    webauthn_challenge: Mapped[bytes | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    wrong_answers: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    ended_at: Mapped[datetime | None]


class TotpRow(Identified, Base):
    """A person's authenticator app; it counts once its first code was shown."""

    __tablename__ = "totp_authenticators"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    sealed_secret: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    """The time step of the last code that was taken; none of it or before is taken again."""


class PasskeyRow(Identified, Base):
    """A WebAuthn credential."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("ix_passkeys_user_id", "user_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyChallengeRow(Identified, Base):
    """A challenge a passkey is to sign; taken once. Without a user, for a log-in that tells who it is."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (Index("ix_passkey_challenges_expires_at", "expires_at"),)

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    challenge: Mapped[bytes]
    purpose: Mapped[str]
    expires_at: Mapped[datetime]


class RecoveryCodeRow(Identified, Base):
    """A code for the day the phone is lost, by its hash; good once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[bytes]
    used_at: Mapped[datetime | None]


class ServiceAccountRow(Identified, Timestamped, Versioned, Base):
    """A program that acts in an organization, with permissions of its own."""

    __tablename__ = "service_accounts"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    name: Mapped[str]
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    disabled_at: Mapped[datetime | None]


class ApiKeyRow(Identified, Base):
    """A service account's key, by its hash; the prefix tells people which one it is."""

    __tablename__ = "api_keys"
    __table_args__ = (
        Index("ix_api_keys_service_account_id", "service_account_id"),
        Index("ix_api_keys_organization_id", "organization_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    service_account_id: Mapped[UUID] = mapped_column(ForeignKey("service_accounts.id", ondelete="CASCADE"))
    prefix: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    allowed_networks: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    """CIDR; empty for everywhere."""
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    service_account: Mapped[ServiceAccountRow] = relationship(lazy="raise")


class InvitationRow(Identified, Base):
    """A letter that lets the owner of an address join; good once, for a while."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index(
            "uq_invitations_open",
            "organization_id",
            "email_normalized",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
        Index("ix_invitations_role_id", "role_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    role_id: Mapped[UUID] = mapped_column(ForeignKey("roles.id", ondelete="CASCADE"))
    email: Mapped[str]
    email_normalized: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    invited_by: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]

    role: Mapped[RoleRow] = relationship(lazy="raise")


class ProjectGrantRow(Timestamped, Base):
    """What a member may do in one project beyond their role."""

    __tablename__ = "project_grants"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text()))

    __table_args__ = (
        # Who leaves the organization leaves its projects.
        ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["memberships.organization_id", "memberships.user_id"],
            name="fk_project_grants_membership",
            ondelete="CASCADE",
        ),
    )


class SigningKeyRow(Base):
    """A key that signs access tokens; its private half is sealed."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        Index("uq_signing_keys_current", "state", unique=True, postgresql_where=text("state = 'current'")),
        Index("uq_signing_keys_next", "state", unique=True, postgresql_where=text("state = 'next'")),
    )

    kid: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    """`next` is published and does not sign yet, `current` signs, `previous` is published still."""
    public_key: Mapped[bytes]
    sealed_key: Mapped[str | None]
    created_at: Mapped[datetime]
    retires_at: Mapped[datetime | None]
    """Of a previous one: when its last token has expired and it is published no longer."""
