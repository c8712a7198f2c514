"""Copies of the domains' audit entries; the table takes inserts only."""

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

REFUSE = """
CREATE FUNCTION refuse_change_of_copies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$
"""
APPEND_ONLY = """
CREATE TRIGGER audit_copies_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_copies
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_copies()
"""


def upgrade() -> None:
    """Creates the table."""
    create_kit_tables()
    add_event_backbone()
    op.create_table(
        "audit_copies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("scope", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("actor_type", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_service", sa.Text(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("client_address", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("arguments", JSONB(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("changes_left_out", sa.Integer(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_copies"),
        sa.UniqueConstraint("scope", "domain", "sequence", name="uq_audit_copies_scope_domain_sequence"),
    )
    for columns in (["organization_id", "occurred_at", "id"], ["organization_id", "actor_id"]):
        op.create_index(f"ix_audit_copies_{'_'.join(columns)}", "audit_copies", columns)
    op.execute(REFUSE)
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    """Drops it."""
    op.drop_table("audit_copies")
    op.execute("DROP FUNCTION refuse_change_of_copies()")
    drop_event_backbone()
    drop_kit_tables()
