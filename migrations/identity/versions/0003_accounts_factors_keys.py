"""Letters with links, second factors, sessions with devices, service accounts and keys, invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "one_time_tokens",
    "email_changes",
    "login_challenges",
    "totp_authenticators",
    "passkeys",
    "passkey_challenges",
    "recovery_codes",
    "service_accounts",
    "api_keys",
    "invitations",
    "project_grants",
    "signing_keys",
)
USER_COLUMNS = ("password_changed_at", "email_verified_at", "deactivated_at", "deleted_at")
SESSION_COLUMNS = (
    "authenticated_at",
    "second_factor_at",
    "methods",
    "address",
    "user_agent",
    "last_seen_at",
    "cookie_hash",
)


def upgrade() -> None:
    """Adds the columns and creates the tables."""
    for name in USER_COLUMNS:
        op.add_column("users", _moment(name, nullable=True))
    op.add_column(
        "organizations",
        sa.Column("mfa_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    _extend_sessions()
    _create_one_time_tokens()
    _create_email_changes()
    _create_login_challenges()
    _create_totp_authenticators()
    _create_passkeys()
    _create_passkey_challenges()
    _create_recovery_codes()
    _create_service_accounts()
    _create_api_keys()
    _create_invitations()
    _create_project_grants()
    _create_signing_keys()


def downgrade() -> None:
    """Takes them away again."""
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in SESSION_COLUMNS:
        op.drop_column("sessions", name)
    op.drop_column("organizations", "mfa_required")
    for name in USER_COLUMNS:
        op.drop_column("users", name)


def _moment(name: str, *, nullable: bool = False, default: bool = False) -> sa.Column[object]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        nullable=nullable,
        server_default=sa.text("now()") if default else None,
    )


def _extend_sessions() -> None:
    op.add_column("sessions", _moment("authenticated_at", nullable=True))
    op.add_column("sessions", _moment("last_seen_at", nullable=True))
    op.execute("UPDATE sessions SET authenticated_at = created_at, last_seen_at = created_at")
    op.alter_column("sessions", "authenticated_at", nullable=False)
    op.alter_column("sessions", "last_seen_at", nullable=False)
    op.add_column("sessions", _moment("second_factor_at", nullable=True))
    op.add_column(
        "sessions", sa.Column("methods", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("sessions", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("user_agent", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("cookie_hash", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint("uq_sessions_cookie_hash", "sessions", ["cookie_hash"])


def _create_one_time_tokens() -> None:
    op.create_table(
        "one_time_tokens",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email_normalized", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_tokens"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_one_time_tokens_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("token_hash", name="uq_one_time_tokens_token_hash"),
    )
    op.create_index("ix_one_time_tokens_user_id_purpose", "one_time_tokens", ["user_id", "purpose"])


def _create_email_changes() -> None:
    op.create_table(
        "email_changes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_normalized", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("old_confirmed_at", nullable=True),
        _moment("new_confirmed_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_email_changes"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_email_changes_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", name="uq_email_changes_user_id"),
    )


def _create_login_challenges() -> None:
    op.create_table(
        "login_challenges",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("webauthn_challenge", sa.LargeBinary(), nullable=True),
        _moment("created_at"),
        _moment("expires_at"),
        sa.Column("wrong_answers", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _moment("ended_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_challenges"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_login_challenges_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("token_hash", name="uq_login_challenges_token_hash"),
    )
    op.create_index("ix_login_challenges_user_id", "login_challenges", ["user_id"])


def _create_totp_authenticators() -> None:
    op.create_table(
        "totp_authenticators",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("confirmed_at", nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_totp_authenticators"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_totp_authenticators_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", name="uq_totp_authenticators_user_id"),
    )


def _create_passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("last_used_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_passkeys_user_id", ondelete="CASCADE"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])


def _create_passkey_challenges() -> None:
    op.create_table(
        "passkey_challenges",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        _moment("expires_at"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passkey_challenges"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_passkey_challenges_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_passkey_challenges_expires_at", "passkey_challenges", ["expires_at"])


def _create_recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        _moment("used_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_recovery_codes_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "code_hash", name="uq_recovery_codes_user_id_code_hash"),
    )


def _create_service_accounts() -> None:
    op.create_table(
        "service_accounts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("permissions", ARRAY(sa.Text()), nullable=False),
        _moment("disabled_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_accounts"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_service_accounts_organization_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("organization_id", "name", name="uq_service_accounts_organization_id_name"),
    )


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("service_account_id", sa.Uuid(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False),
        sa.Column("allowed_networks", ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _moment("created_at"),
        _moment("expires_at", nullable=True),
        _moment("last_used_at", nullable=True),
        _moment("revoked_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_api_keys_organization_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["service_account_id"],
            ["service_accounts.id"],
            name="fk_api_keys_service_account_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    op.create_index("ix_api_keys_organization_id", "api_keys", ["organization_id"])
    op.create_index("ix_api_keys_service_account_id", "api_keys", ["service_account_id"])


def _create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_normalized", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("accepted_at", nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        _moment("revoked_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_invitations_organization_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name="fk_invitations_role_id", ondelete="CASCADE"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    )
    op.create_index("ix_invitations_role_id", "invitations", ["role_id"])
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["organization_id", "email_normalized"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )


def _create_project_grants() -> None:
    op.create_table(
        "project_grants",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("permissions", ARRAY(sa.Text()), nullable=False),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("organization_id", "user_id", "project_id", name="pk_project_grants"),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["memberships.organization_id", "memberships.user_id"],
            name="fk_project_grants_membership",
            ondelete="CASCADE",
        ),
    )


def _create_signing_keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("retires_at", nullable=True),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_keys"),
    )
    op.create_index(
        "uq_signing_keys_current",
        "signing_keys",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'current'"),
    )
    op.create_index(
        "uq_signing_keys_next",
        "signing_keys",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'next'"),
    )
