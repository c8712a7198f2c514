"""The OAuth provider: clients, browsers' log-ins, consents, grants, codes, refresh tokens, devices."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "external_identities",
    "oauth_devices",
    "oauth_refresh_tokens",
    "oauth_codes",
    "oauth_grants",
    "oauth_consents",
    "oauth_logins",
    "oauth_clients",
)


def upgrade() -> None:
    """Creates the provider's tables."""
    _create_clients()
    _create_logins_and_consents()
    _create_grants()
    _create_codes()
    _create_devices()
    _create_external_identities()


def downgrade() -> None:
    """Drops them."""
    for table in TABLES:
        op.drop_table(table)


def _texts(name: str) -> sa.Column[object]:
    return sa.Column(name, ARRAY(sa.Text()), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _reference(
    table: str, column: str, target: str, *, nullable: bool = False
) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    return (
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE"),
    )


def _create(
    table: str, *parts: sa.schema.SchemaItem, indexes: tuple[str, ...] = (), key: bool = True
) -> None:
    identity = [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]
    op.create_table(table, *(identity if key else ()), *parts)
    for column in indexes:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _create_clients() -> None:
    table = "oauth_clients"
    now = sa.text("now()")
    _create(
        table,
        *_reference(table, "organization_id", "organizations"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=True),
        _texts("redirect_uris"),
        _texts("grant_types"),
        _texts("scopes"),
        _moment("disabled_at", nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        indexes=("organization_id",),
    )


def _create_logins_and_consents() -> None:
    table = "oauth_logins"
    _create(
        table,
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        *_reference(table, "session_id", "sessions"),
        *_reference(table, "user_id", "users"),
        _moment("authenticated_at"),
        _moment("expires_at"),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        _unique(table, "token_hash"),
        indexes=("session_id",),
    )
    table = "oauth_consents"
    _create(
        table,
        *_reference(table, "user_id", "users"),
        *_reference(table, "client_id", "oauth_clients"),
        *_reference(table, "organization_id", "organizations", nullable=True),
        _texts("scopes"),
        _moment("granted_at"),
        sa.PrimaryKeyConstraint("user_id", "client_id", name="pk_oauth_consents"),
        indexes=("client_id",),
        key=False,
    )


def _create_grants() -> None:
    table = "oauth_grants"
    _create(
        table,
        *_reference(table, "client_id", "oauth_clients"),
        *_reference(table, "user_id", "users"),
        *_reference(table, "organization_id", "organizations", nullable=True),
        _texts("scopes"),
        _moment("authenticated_at"),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("revoked_at", nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        indexes=("user_id", "client_id"),
    )
    table = "oauth_refresh_tokens"
    _create(
        table,
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        *_reference(table, "grant_id", "oauth_grants"),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        _unique(table, "token_hash"),
        indexes=("grant_id",),
    )


def _create_codes() -> None:
    table = "oauth_codes"
    _create(
        table,
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        *_reference(table, "client_id", "oauth_clients"),
        *_reference(table, "user_id", "users"),
        *_reference(table, "organization_id", "organizations", nullable=True),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        _texts("scopes"),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        _moment("authenticated_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        *_reference(table, "grant_id", "oauth_grants", nullable=True),
        _unique(table, "code_hash"),
        indexes=("expires_at",),
    )


def _create_devices() -> None:
    table = "oauth_devices"
    _create(
        table,
        sa.Column("device_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_code", sa.Text(), nullable=False),
        *_reference(table, "client_id", "oauth_clients"),
        _texts("scopes"),
        sa.Column("status", sa.Text(), nullable=False),
        *_reference(table, "user_id", "users", nullable=True),
        *_reference(table, "organization_id", "organizations", nullable=True),
        _moment("authenticated_at", nullable=True),
        _moment("expires_at"),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        _moment("polled_at", nullable=True),
        _unique(table, "device_code_hash"),
        _unique(table, "user_code"),
        indexes=("expires_at",),
    )


def _create_external_identities() -> None:
    table = "external_identities"
    _create(
        table,
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        *_reference(table, "user_id", "users"),
        sa.Column("email", sa.Text(), nullable=True),
        _moment("created_at"),
        _unique(table, "issuer", "subject"),
        indexes=("user_id",),
    )
