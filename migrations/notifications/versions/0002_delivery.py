"""What delivery remembers: turns within the limits, and receipts that had their effect.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the two tables and the message's own turn."""
    op.add_column("messages", sa.Column("slot_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "send_slots",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_send_slots"),
    )
    op.create_index("ix_send_slots_next_at", "send_slots", ["next_at"])
    op.create_table(
        "receipts",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("receipt_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "receipt_id", name="pk_receipts"),
    )
    op.create_index("ix_receipts_received_at", "receipts", ["received_at"])


def downgrade() -> None:
    """Drops them."""
    op.drop_table("receipts")
    op.drop_table("send_slots")
    op.drop_column("messages", "slot_at")
