"""Profiles, addresses, the log of consents, and who belongs where."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from subgraphs.kit.kit_tables import (
    add_event_backbone,
    create_kit_tables,
    drop_event_backbone,
    drop_kit_tables,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables."""
    create_kit_tables()
    add_event_backbone()
    op.create_table(
        "profiles",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *(_text(name) for name in ("display_name", "bio", "phone", "locale", "time_zone")),
        *(
            sa.Column(name, JSONB(), server_default=sa.text("'{}'"), nullable=False)
            for name in ("audiences", "preferences")
        ),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        *_changes(),
        sa.PrimaryKeyConstraint("user_id", name="pk_profiles"),
    )
    _create_addresses()
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        _text("client_address"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_user_id_purpose_id", "consents", ["user_id", "purpose", "id"])
    op.create_table(
        "members",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "user_id", name="pk_members"),
    )


def downgrade() -> None:
    """Drops them."""
    for table in ("members", "consents", "addresses", "profiles"):
        op.drop_table(table)
    drop_event_backbone()
    drop_kit_tables()


def _create_addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("recipient", "line1", "commune", "country")
        ),
        *(_text(name) for name in ("line2", "wilaya_code", "postal_code", "phone")),
        sa.Column("is_default_billing", sa.Boolean(), nullable=False),
        sa.Column("is_default_shipping", sa.Boolean(), nullable=False),
        *_changes(),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
    )
    op.create_index("ix_addresses_user_id", "addresses", ["user_id"])
    for kind in ("billing", "shipping"):
        op.create_index(
            f"uq_addresses_default_{kind}",
            "addresses",
            ["user_id"],
            unique=True,
            postgresql_where=sa.text(f"is_default_{kind}"),
        )


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=True)


def _changes() -> tuple[sa.Column[object], ...]:
    now = sa.text("now()")
    return (
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
